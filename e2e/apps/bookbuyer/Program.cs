using OsmExt.Demo;

// Buys books from the bookstore, again and again.
var settings = new Settings(args);
var identity = Settings.Variable("IDENTITY", "Bookbuyer");
using var client = new BookClient("bookbuyer", expected: 200);

var app = DemoServer.Http("bookbuyer", settings.Port(14001), identity, client);
app.MapGet("/", () => DemoServer.Page(identity, ("Books bought", client.Books.All), ("from v1", client.Books.V1), ("from v2", client.Books.V2)));
app.MapGet("/raw", () => Results.Json(new { booksBought = client.Books.All, booksBoughtV1 = client.Books.V1, booksBoughtV2 = client.Books.V2 }));
app.MapGet("/reset", client.Reset);
await app.RunAsync();
