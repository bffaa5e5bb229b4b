using System.Globalization;
using OsmExt.Demo;

// Sells books, and has the warehouse bring new ones. IDENTITY tells its versions apart.
var settings = new Settings(args);
var identity = Settings.Variable("IDENTITY", settings.Flag("ident", "unidentified"));
var store = new Bookstore();
using var warehouse = new Warehouse();

var app = DemoServer.Http("bookstore", settings.Port(14001), identity);
app.Use((context, next) =>
{
    context.Response.OnStarting(() =>
    {
        context.Response.Headers["Booksbought"] = store.Sold.ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    });
    return next(context);
});
app.MapGet("/", () => DemoServer.Page(identity, ("Books sold", store.Sold)));
app.MapGet("/books-bought", () => DemoServer.Page(identity, ("Books sold", store.Sold)));
app.MapPost("/books-bought", async (HttpRequest request) => await Body.IntegerAsync(request) is { } count ? store.Set(count) : Results.BadRequest());
app.MapGet("/buy-a-book/new", async (HttpContext context) =>
{
    store.Sell();
    _ = warehouse.RestockAsync(context.Request.Headers);
    await store.SleepAsync(context.RequestAborted);
    return DemoServer.Page(identity, ("Books sold", store.Sold));
});
app.MapGet("/reset", () => store.Set(0));
app.MapGet("/raw", () => Results.Json(new { booksSold = store.Sold }));
foreach (var probe in (string[])["/liveness", "/readiness", "/startup"])
{
    app.MapGet(probe, () => Results.Ok());
}

await app.RunAsync();
