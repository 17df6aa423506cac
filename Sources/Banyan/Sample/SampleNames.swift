/// Made-up names. People's numbers and companies' codes begin with 99, which no real one does.
enum SampleNames {
  static let regions: [(name: String, city: String, districts: [String])] = [
    ("上海分行", "上海", ["浦东", "徐汇", "静安", "虹口", "杨浦", "闵行", "宝山", "嘉定", "松江", "青浦"]),
    ("浙江分行", "杭州", ["西湖", "拱墅", "滨江", "萧山", "余杭", "临平", "钱塘", "富阳", "临安", "桐庐"]),
    ("江苏分行", "南京", ["鼓楼", "玄武", "秦淮", "建邺", "栖霞", "江宁", "浦口", "六合", "溧水", "高淳"]),
    ("四川分行", "成都", ["锦江", "青羊", "武侯", "成华", "金牛", "双流", "温江", "郫都", "新都", "龙泉驿"]),
    ("广东分行", "广州", ["天河", "越秀", "海珠", "荔湾", "番禺", "白云", "黄埔", "花都", "南沙", "增城"]),
    ("湖北分行", "武汉", ["江岸", "武昌", "汉阳", "洪山", "青山", "江夏", "黄陂", "新洲", "蔡甸", "东西湖"]),
    ("陕西分行", "西安", ["雁塔", "碑林", "莲湖", "未央", "灞桥", "长安", "临潼", "阎良", "高陵", "鄠邑"]),
    ("山东分行", "济南", ["历下", "市中", "槐荫", "天桥", "历城", "长清", "章丘", "济阳", "莱芜", "钢城"]),
  ]

  private static let surnames = split(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭")
  private static let given = split(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉志红梅鹏飞宇晨浩然子轩雨欣佳怡思远博雅婷雪琳晓东海燕春燕立新永康嘉禾安宁")
  private static let firms = split("盛恒瑞泰隆昌鼎丰裕和源兴达通远景辰信诚嘉禾宏华金诺安康正业")
  private static let trades = [
    "贸易", "科技", "机械制造", "食品", "建筑工程", "物流", "纺织", "电子", "餐饮管理", "医疗器械",
  ]

  private static func split(_ text: String) -> [String] { text.map(String.init) }

  /// The name of a branch by its place in the bank: once a region's districts are used up, second
  /// and further branches follow in each.
  static func branch(_ index: Int, regions count: Int) -> String {
    let region = regions[index % count]
    let place = index / count
    let district = region.districts[place % region.districts.count]
    let round = place / region.districts.count
    return region.city + district + (round == 0 ? "" : "第\(round + 1)") + "支行"
  }

  static func person(_ random: inout SampleRandom) -> String {
    let second = random.happens(percent: 75) ? random.one(of: given) : ""
    return random.one(of: surnames) + random.one(of: given) + second
  }

  /// Some companies have a comma in their name, as real ones do.
  static func company(in city: String, _ random: inout SampleRandom) -> String {
    let name =
      city + random.one(of: firms) + random.one(of: firms) + random.one(of: trades) + "有限公司"
    return random.happens(percent: 5) ? name + ", " + city + "第一分公司" : name
  }

  /// Eighteen characters with the check digit of GB 11643, of a district that does not exist.
  static func personNumber(_ random: inout SampleRandom) -> String {
    let birthday =
      random.within(1945...2004) * 10_000 + random.within(1...12) * 100 + random.within(1...28)
    let digits = "990000\(birthday)" + padded(random.below(1000), 3)
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(digits.utf8, weights).reduce(0) { $0 + (Int($1.0) - 48) * $1.1 }
    let checks = Array("10X98765432")
    return digits + String(checks[sum % 11])
  }

  /// Eighteen characters in the form of a unified social credit code.
  static func companyCode(_ random: inout SampleRandom) -> String {
    "99990000" + padded(random.below(1_000_000_000), 9) + "X"
  }
}

/// A number with zeros before it.
func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
