using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OsmExt.Kubernetes.Injection;

namespace OsmExt.Cli.Agent;

/// <summary>Tells the node whether Envoy can be started, and whether it is ready. Nothing else of Envoy's admin interface can be reached through it.</summary>
internal static class AgentEndpoint
{
    public static WebApplication Create(IPEndPoint address, SidecarAgent agent, AgentOptions options, HttpClient envoy)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address));
        var app = builder.Build();
        app.MapGet(WellKnown.CredentialsPath, () => agent.HasCredentials ? Results.Text("ready\n") : Later());
        app.MapGet(WellKnown.ReadyPath, async (HttpContext context) => await IsReadyAsync(envoy, options.EnvoyReady, context.RequestAborted).ConfigureAwait(false) ? Results.Text("ready\n") : Later());
        return app;
    }

    private static IResult Later() => Results.Text("not yet\n", statusCode: StatusCodes.Status503ServiceUnavailable);

    private static async Task<bool> IsReadyAsync(HttpClient envoy, Uri address, CancellationToken cancellation)
    {
        try
        {
            using var answer = await envoy.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
