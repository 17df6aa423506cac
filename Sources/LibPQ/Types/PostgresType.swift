/// A data type of the server, by its object id.
public struct PostgresType: Hashable, Sendable, CustomStringConvertible {
  /// The object id in `pg_type`.
  public let oid: UInt32

  /// Names a type by its object id.
  @inlinable public init(oid: UInt32) {
    self.oid = oid
  }

  /// No type: the server infers one from where a parameter stands.
  @inlinable public static var unspecified: PostgresType { PostgresType(oid: 0) }
  /// `boolean`.
  @inlinable public static var bool: PostgresType { PostgresType(oid: 16) }
  /// `bytea`.
  @inlinable public static var bytea: PostgresType { PostgresType(oid: 17) }
  /// `"char"`, one byte.
  @inlinable public static var char: PostgresType { PostgresType(oid: 18) }
  /// `name`, the type of identifiers in the catalogues.
  @inlinable public static var name: PostgresType { PostgresType(oid: 19) }
  /// `bigint`.
  @inlinable public static var int8: PostgresType { PostgresType(oid: 20) }
  /// `smallint`.
  @inlinable public static var int2: PostgresType { PostgresType(oid: 21) }
  /// `integer`.
  @inlinable public static var int4: PostgresType { PostgresType(oid: 23) }
  /// `text`.
  @inlinable public static var text: PostgresType { PostgresType(oid: 25) }
  /// `oid`.
  @inlinable public static var oid: PostgresType { PostgresType(oid: 26) }
  /// `json`.
  @inlinable public static var json: PostgresType { PostgresType(oid: 114) }
  /// `xml`.
  @inlinable public static var xml: PostgresType { PostgresType(oid: 142) }
  /// `real`.
  @inlinable public static var float4: PostgresType { PostgresType(oid: 700) }
  /// `double precision`.
  @inlinable public static var float8: PostgresType { PostgresType(oid: 701) }
  /// The type of a literal that has none yet.
  @inlinable public static var unknown: PostgresType { PostgresType(oid: 705) }
  /// `character(n)`.
  @inlinable public static var bpchar: PostgresType { PostgresType(oid: 1042) }
  /// `character varying`.
  @inlinable public static var varchar: PostgresType { PostgresType(oid: 1043) }
  /// `date`.
  @inlinable public static var date: PostgresType { PostgresType(oid: 1082) }
  /// `timestamp without time zone`.
  @inlinable public static var timestamp: PostgresType { PostgresType(oid: 1114) }
  /// `timestamp with time zone`.
  @inlinable public static var timestamptz: PostgresType { PostgresType(oid: 1184) }
  /// `time without time zone`.
  @inlinable public static var time: PostgresType { PostgresType(oid: 1083) }
  /// `interval`.
  @inlinable public static var interval: PostgresType { PostgresType(oid: 1186) }
  /// `time with time zone`.
  @inlinable public static var timetz: PostgresType { PostgresType(oid: 1266) }
  /// `money`, which is refused: its decimals depend on the server's locale.
  @inlinable public static var money: PostgresType { PostgresType(oid: 790) }
  /// A row of no named type.
  @inlinable public static var record: PostgresType { PostgresType(oid: 2249) }
  /// `int4range`.
  @inlinable public static var int4range: PostgresType { PostgresType(oid: 3904) }
  /// `numrange`.
  @inlinable public static var numrange: PostgresType { PostgresType(oid: 3906) }
  /// `tsrange`.
  @inlinable public static var tsrange: PostgresType { PostgresType(oid: 3908) }
  /// `tstzrange`.
  @inlinable public static var tstzrange: PostgresType { PostgresType(oid: 3910) }
  /// `daterange`.
  @inlinable public static var daterange: PostgresType { PostgresType(oid: 3912) }
  /// `int8range`.
  @inlinable public static var int8range: PostgresType { PostgresType(oid: 3926) }
  /// `numeric`.
  @inlinable public static var numeric: PostgresType { PostgresType(oid: 1700) }
  /// `uuid`.
  @inlinable public static var uuid: PostgresType { PostgresType(oid: 2950) }
  /// `jsonb`.
  @inlinable public static var jsonb: PostgresType { PostgresType(oid: 3802) }
  /// `void`, what a function returns that returns nothing.
  @inlinable public static var void: PostgresType { PostgresType(oid: 2278) }

  /// Whether the type came with a database and not with PostgreSQL itself: enums, composites and
  /// types of extensions.
  @inlinable public var isUserDefined: Bool { oid >= 16_384 }

  /// Whether the binary form of the type is its text. User-defined types count, because enums and
  /// most others are sent so; those that are not fail to decode as UTF-8 or by their zero bytes.
  @inlinable public var isTextual: Bool {
    switch oid {
    case 25, 1043, 1042, 19, 18, 705, 114, 142: true
    default: isUserDefined
    }
  }

  /// The array type of a built-in type; nil for others, whose array types only the server knows.
  @inlinable public var array: PostgresType? {
    let arrayOID: UInt32? =
      switch oid {
      case 16: 1000
      case 17: 1001
      case 19: 1003
      case 21: 1005
      case 23: 1007
      case 25: 1009
      case 1042: 1014
      case 1043: 1015
      case 20: 1016
      case 700: 1021
      case 701: 1022
      case 26: 1028
      case 1114: 1115
      case 1082: 1182
      case 1184: 1185
      case 1700: 1231
      case 2950: 2951
      case 114: 199
      case 3802: 3807
      case 1083: 1183
      case 1186: 1187
      case 1266: 1270
      case 790: 791
      case 3904: 3905
      case 3906: 3907
      case 3908: 3909
      case 3910: 3911
      case 3912: 3913
      case 3926: 3927
      case 2249: 2287
      case 4451: 6150
      case 4532: 6151
      case 4533: 6152
      case 4534: 6153
      case 4535: 6155
      case 4536: 6157
      default: nil
      }
    return arrayOID.map { PostgresType(oid: $0) }
  }

  /// The element type of a built-in array type.
  public var element: PostgresType? {
    Self.elements[oid].map { PostgresType(oid: $0) }
  }

  private static let elements: [UInt32: UInt32] = [
    1000: 16, 1001: 17, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043, 1016: 20,
    1021: 700, 1022: 701, 1028: 26, 1115: 1114, 1182: 1082, 1185: 1184, 1231: 1700, 2951: 2950,
    199: 114, 3807: 3802, 1183: 1083, 1187: 1186, 3905: 3904, 3907: 3906, 3909: 3908, 3911: 3910,
    3913: 3912, 3927: 3926, 1270: 1266, 791: 790, 2287: 2249, 6150: 4451, 6151: 4532, 6152: 4533,
    6153: 4534,
    6155: 4535, 6157: 4536,
  ]

  /// The multirange type of a built-in range type.
  var multirange: PostgresType? {
    Self.multiranges.first { $0.range == oid }.map { PostgresType(oid: $0.multirange) }
  }

  /// The range type whose multiranges are of this type.
  var rangeOfMultirange: PostgresType? {
    Self.multiranges.first { $0.multirange == oid }.map { PostgresType(oid: $0.range) }
  }

  private static let multiranges: [(range: UInt32, multirange: UInt32)] = [
    (3904, 4451), (3906, 4532), (3908, 4533), (3910, 4534), (3912, 4535), (3926, 4536),
  ]

  private static let names: [UInt32: String] = [
    16: "boolean", 17: "bytea", 18: "\"char\"", 19: "name", 20: "bigint", 21: "smallint",
    22: "int2vector", 23: "integer", 24: "regproc", 25: "text", 26: "oid", 27: "tid", 28: "xid",
    30: "oidvector", 114: "json", 142: "xml", 600: "point", 650: "cidr", 700: "real",
    701: "double precision", 705: "unknown", 790: "money", 829: "macaddr", 869: "inet",
    1042: "character",
    1043: "character varying", 1082: "date", 1083: "time without time zone",
    1114: "timestamp without time zone", 1184: "timestamp with time zone", 1186: "interval",
    1266: "time with time zone", 1560: "bit", 1562: "bit varying", 1700: "numeric",
    2205: "regclass", 2206: "regtype", 2249: "record", 2278: "void", 2950: "uuid", 3220: "pg_lsn",
    3614: "tsvector", 3615: "tsquery", 3802: "jsonb", 3904: "int4range",
    3906: "numrange", 3908: "tsrange", 3910: "tstzrange", 3912: "daterange", 3926: "int8range",
    4451: "int4multirange", 4532: "nummultirange", 4533: "tsmultirange", 4534: "tstzmultirange",
    4535: "datemultirange", 4536: "int8multirange",
  ]

  /// The SQL name of a built-in type, such as `bigint` or `text[]`; others by their number.
  public var description: String {
    if let name = Self.names[oid] { return name }
    if let element { return "\(element)[]" }
    return oid == 0 ? "unspecified" : "type with oid \(oid)"
  }
}

/// The two forms in which a value travels.
public enum PostgresFormat: Int32, Sendable {
  /// As the text that an SQL literal would hold; the server parses it.
  case text = 0
  /// In the server's binary form of the type.
  case binary = 1
}
