using System.Runtime.Versioning;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Envoy.Config.Bootstrap.V3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.Cli.Agent;
using OsmExt.ControlPlane.Webhooks;
using OsmExt.Identity;
using OsmExt.Kubernetes.Injection;
using OsmExt.Sdk.Identity;
using OsmExt.TestedEnvoys;

namespace OsmExt.Cli.Tests.Agent;

/// <summary>An agent beside a real Envoy: what it writes is what Envoy starts with, and probes are answered as the kubelet would have been.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class SidecarAgentTests : IAsyncLifetime
{
    private static readonly string[] Names = ["localhost"];
    private static readonly ProxyIdentity Proxy = new(Guid.Parse("11111111-2222-4333-8444-555555555555"), new("cluster.local", "shop", "carter"));
    private readonly string _directory = Directory.CreateTempSubdirectory("osm-agent-").FullName;
    private readonly RootCertificate _root = RootCertificate.Create(TimeProvider.System.GetUtcNow());
    private WebApplication _issuer = null!;
    private int _refusals;

    public static TheoryData<string> Versions => [.. Envoys.Versions];

    public async Task InitializeAsync()
    {
        var authority = new CertificateAuthority(_root, "cluster.local", TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        var certificate = authority.IssueXdsServer(RotationSchedule.For("test", TimeSpan.FromHours(1)).At(TimeProvider.System.GetUtcNow()), Names);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        _issuer = builder.Build();
        _issuer.MapPost("/credentials", async (HttpContext context) =>
        {
            // Twice the control plane does not know the pod yet.
            if (_refusals-- > 0)
            {
                return Results.Json(new { reason = "the pod is not known to the mesh yet" }, statusCode: StatusCodes.Status503ServiceUnavailable);
            }

            Assert.Equal("Bearer the-token", context.Request.Headers.Authorization);
            var question = await JsonNode.ParseAsync(context.Request.Body);
            Assert.True(SigningRequest.TryRead(Convert.FromBase64String((string)question!["request"]!), out var key));
            using (key)
            {
                var (identity, chain, window) = authority.IssueFor(Proxy, key, TimeSpan.FromHours(24));
                return Results.Text(new IssuedCredential(identity.SpiffeId, chain, authority.XdsBundle, new Bootstrap(), window.RenewAt).ToJson().ToJsonString(), "application/json");
            }
        });
        await _issuer.StartAsync();
        await File.WriteAllTextAsync(Path.Join(_directory, "token"), "the-token\n");
    }

    public async Task DisposeAsync()
    {
        await _issuer.DisposeAsync();
        _root.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_pod_that_starts_before_the_control_plane_knows_it_waits_and_goes_on_by_itself()
    {
        _refusals = 2;
        var renewAt = await StartAsync([]);

        Assert.InRange(renewAt - TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(14), TimeSpan.FromHours(17));
        Assert.Equal(["bootstrap.yaml", "token", "xds-certificate.json", "xds-trust.json"], Directory.GetFiles(_directory).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(_directory, "xds-*"), file => Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)));
        Assert.DoesNotContain("PRIVATE KEY", await File.ReadAllTextAsync(Path.Join(_directory, "bootstrap.yaml")), StringComparison.Ordinal);
    }

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task Envoy_takes_what_the_agent_writes_and_answers_probes_as_the_application_would(string version)
    {
        var (web, tcp) = (FreePort(), FreePort());
        await StartAsync([
            new("web", "liveness", "http", web, "/healthz?full=1", null, 1, 2), new("web2", "liveness", "http", web, "/other", null, 1, 2),
            new("db", "liveness", "tcp", tcp, null, null, 1, 2), new("api", "readiness", "https", 8443, "/", null, 1, 10), new("rpc", "startup", "grpc", 9090, null, "shop.Cart", 1, 10)]);
        var file = Path.Join(_directory, "envoy.yaml");
        var (live, ready, startup, admin) = (FreePort(), FreePort(), FreePort(), FreePort());
        var text = await File.ReadAllTextAsync(Path.Join(_directory, "bootstrap.yaml"));
        foreach (var (port, free) in new[] { (15901, live), (15902, ready), (15903, startup), (15000, admin) })
        {
            text = text.Replace(FormattableString.Invariant($"portValue: {port}"), FormattableString.Invariant($"portValue: {free}"), StringComparison.Ordinal)
                .Replace(FormattableString.Invariant($"port_value: {port}"), FormattableString.Invariant($"port_value: {free}"), StringComparison.Ordinal);
        }

        // There is no control plane, and Envoy would wait 15 seconds for its clusters and as long for its listeners before it opens its own.
        var soon = ConfigSource().Replace(text, "$0\n$1initialFetchTimeout: 0.5s");
        Assert.NotEqual(text, soon);
        await File.WriteAllTextAsync(file, soon);
        var app = WebApplication.CreateSlimBuilder();
        app.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, web));
        await using var application = app.Build();
        application.MapGet("/healthz", (HttpContext context) => $"{context.Request.QueryString}");
        await application.StartAsync();

        using var envoy = Process.Start(new ProcessStartInfo(
            Envoys.Find(version).Path!, ["-c", file, "--disable-hot-restart", "--concurrency", "1", "--log-level", "error"]) { RedirectStandardError = true })!;
        var errors = envoy.StandardError.ReadToEndAsync();
        try
        {
            using var client = new HttpClient();
            async Task<(HttpStatusCode Status, string Body)> AskAsync(string path)
            {
                using var answer = await client.GetAsync(new Uri(FormattableString.Invariant($"http://127.0.0.1:{live}{path}")));
                return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
            }

            await UntilAsync(async () => (await AskAsync("/osm-liveness-probe/web")).Status == HttpStatusCode.OK, envoy, errors);
            Assert.Equal((HttpStatusCode.OK, "?full=1"), await AskAsync("/osm-liveness-probe/web"));
            Assert.Equal(HttpStatusCode.NotFound, (await AskAsync("/osm-liveness-probe/web2")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await AskAsync("/")).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync("/osm-liveness-probe/db")).Status);
            using (var database = new TcpListener(IPAddress.Loopback, tcp))
            {
                database.Start();
                await UntilAsync(async () => (await AskAsync("/osm-liveness-probe/db")).Status == HttpStatusCode.OK, envoy, errors);
            }

            await UntilAsync(async () => (await AskAsync("/osm-liveness-probe/db")).Status == HttpStatusCode.ServiceUnavailable, envoy, errors);
        }
        finally
        {
            envoy.Kill();
            await envoy.WaitForExitAsync();
        }
    }

    private async Task<DateTimeOffset> StartAsync(IReadOnlyList<AppProbe> probes)
    {
        var port = new Uri(_issuer.Urls.Single()).Port;
        var options = new AgentOptions
        {
            Controller = new("localhost", 1), Issuer = new("localhost", port), Roots = _root.Pem, TokenFile = Path.Join(_directory, "token"), Directory = _directory, Probes = AppProbe.Write(probes),
        };
        using var client = new IssuerClient(options);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await new SidecarAgent(options, client, TimeProvider.System, NullLogger.Instance).StartAsync(patience.Token);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, Process envoy, Task<string> errors)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            Assert.False(envoy.HasExited, envoy.HasExited ? await errors : "");
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "Envoy does not get there");
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    [GeneratedRegex(@"^( *)resource_?api_?version: V3$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex ConfigSource();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
