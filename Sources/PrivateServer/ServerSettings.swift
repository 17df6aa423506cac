/// What a private server is for, which decides how careful and how large it is.
public enum ServerPurpose: Sendable, Equatable {
  /// A bank's data: every commit is safe on disk; memory fits a small bank on one machine.
  case bank
  /// Throw-away data of tests: a crash of the machine may lose it, so nothing waits for the disk.
  case tests
}

/// The text of `server.conf`, which PostgreSQL's own configuration file includes.
struct ServerSettings {
  let purpose: ServerPurpose
  let socketFolder: String
  let own: [String: String]

  /// The file that is written again at every start, so that a folder that was moved still works.
  var text: String {
    var lines = [
      "# Written by banyan at every start. Your own settings: ALTER SYSTEM SET name = value.",
      "listen_addresses = ''",
      "port = \(PrivateServer.port)",
      "unix_socket_directories = "
        + ConnectionText.quotedSetting(ConnectionText.folderList(socketFolder)),
      "unix_socket_permissions = 0700",
      "logging_collector = off",
      "cluster_name = 'banyan'",
    ]
    for (name, value) in values.merging(own, uniquingKeysWith: { _, mine in mine })
      .sorted(by: { $0.key < $1.key })
    {
      lines.append("\(name) = \(ConnectionText.quotedSetting(value))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var values: [String: String] {
    let common = [
      "datestyle": "ISO, YMD",
      // Branches load in bursts: let the log grow, and compress the page images in it.
      "max_wal_size": "2GB",
      "wal_compression": "on",
      "checkpoint_timeout": "15min",
      // Solid-state disks: a random page costs hardly more than the next one.
      "random_page_cost": "1.1",
      // Month reports are many short statements; compiling each costs more than it saves.
      "jit": "off",
      "log_line_prefix": "%m [%p] %q%u@%d ",
    ]
    let particular: [String: String]
    switch purpose {
    case .bank:
      particular = [
        "shared_buffers": "256MB",
        "effective_cache_size": "1GB",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "max_connections": "100",
      ]
    case .tests:
      particular = [
        "shared_buffers": "128MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "64MB",
        "max_connections": "600",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_compression": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "timezone": "UTC",
        "log_timezone": "UTC",
      ]
    }
    return common.merging(particular, uniquingKeysWith: { _, particular in particular })
  }
}
