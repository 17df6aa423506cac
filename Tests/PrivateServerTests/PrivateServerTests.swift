import Foundation
import Testing

@testable import PrivateServer

@Suite(.serialized) struct SmokeTests {
  @Test func startsAndStops() throws {
    let server = PrivateServer(folder: "/tmp/ban yan'smoke\"$x 银行", purpose: .tests)
    #expect(try server.status() == .notCreated)
    #expect(try server.start() == .started)
    #expect(try server.start() == .alreadyRunning)
    print(try server.status(), server.conninfo, server.url)
    #expect(try server.stop() == .stopped)
    #expect(try server.stop() == .notRunning)
    #expect(try server.status() == .stopped)
  }
}
