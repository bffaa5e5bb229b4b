using OsmExt.Demo;

// Keeps the stock, in the storage behind it.
var settings = new Settings(args);
var identity = Settings.Variable("IDENTITY", settings.Flag("ident", "bookwarehouse"));
using var storage = new Storage();

var app = DemoServer.Http("bookwarehouse", settings.Port(14001), identity);
foreach (var path in (string[])["/restock-books", "/"])
{
    app.MapPost(path, async (HttpRequest request) =>
    {
        if (await Body.IntegerAsync(request) is not { } books)
        {
            return Results.BadRequest();
        }

        if (await storage.AddAsync("total-books", books, request.HttpContext.RequestAborted) is not { } total)
        {
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        Verdict.On(total);
        return Results.Json(new { restocked = books });
    });
}

await app.RunAsync();
