using OsmExt.Demo;

// Tries to take books from the bookstore, and expects to be stopped.
var settings = new Settings(args);
var identity = Settings.Variable("IDENTITY", "Bookthief");
using var client = new BookClient("bookthief", expected: (int)Settings.Number("BOOKTHIEF_EXPECTED_RESPONSE_CODE", 404));

var app = DemoServer.Http("bookthief", settings.Port(14001), identity, client);
app.MapGet("/", () => DemoServer.Page(identity, ("Books stolen", client.Books.All), ("from v1", client.Books.V1), ("from v2", client.Books.V2)));
app.MapGet("/raw", () => Results.Json(new { booksStolen = client.Books.All, booksStolenV1 = client.Books.V1, booksStolenV2 = client.Books.V2 }));
app.MapGet("/reset", client.Reset);
await app.RunAsync();
