using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace OsmExt.Testing.Hosting.Applications;

/// <summary>Answers every HTTP request with success, and says as JSON who answered and what arrived. It is made when it is first called.</summary>
internal sealed class StandIn(string pod) : IPodApplication
{
    private readonly Lazy<HttpApplication> _application = new(() => new(app => app.Run(context => AnswerAsync(context, pod))));

    public ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint local, CancellationToken stop) => _application.Value.OpenAsync(source, local, stop);

    public ValueTask DisposeAsync() => _application.IsValueCreated ? _application.Value.DisposeAsync() : ValueTask.CompletedTask;

    private static Task AnswerAsync(HttpContext context, string pod) => context.Response.WriteAsJsonAsync(new
    {
        pod,
        method = context.Request.Method,
        host = context.Request.Host.Value,
        path = context.Request.Path + context.Request.QueryString,
        headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()),
    });
}
