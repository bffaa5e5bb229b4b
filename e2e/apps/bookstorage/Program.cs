using OsmExt.Demo;

// The store behind the warehouse, in place of a database: the server speaks first, as a database's does.
var settings = new Settings(args);
await DemoServer.Tcp<StorageProtocol>(settings.Port(3306)).RunAsync();
