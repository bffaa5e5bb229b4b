namespace OsmExt.Demo;

/// <summary>The store's way to the warehouse.</summary>
internal sealed class Warehouse : IDisposable
{
    private readonly DemoClient _client = new("bookstore");
    private readonly string _host = $"{Settings.Variable("WAREHOUSE_SVC", "bookwarehouse")}.{Settings.Variable("BOOKWAREHOUSE_NAMESPACE", "bookwarehouse")}";

    /// <summary>Orders one book. The customer does not wait for it, and a failure is in the request line.</summary>
    public async Task RestockAsync(IHeaderDictionary headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{_host}.svc.cluster.local:14001/restock-books");
        request.Content = JsonContent.Create(1);
        request.Headers.Host = _host;
        foreach (var name in DemoServer.TraceHeaders.Where(headers.ContainsKey))
        {
            request.Headers.TryAddWithoutValidation(name, headers[name].ToString());
        }

        await _client.SendAsync(request, CancellationToken.None);
    }

    public void Dispose() => _client.Dispose();
}
