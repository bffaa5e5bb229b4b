using OsmExt.Demo;

// Says back what it is told, line by line.
var settings = new Settings(args);
EchoProtocol.Quiet = settings.Flag("logLevel", "debug") is not ("debug" or "trace");
await DemoServer.Tcp<EchoProtocol>(settings.Port(9090)).RunAsync();
