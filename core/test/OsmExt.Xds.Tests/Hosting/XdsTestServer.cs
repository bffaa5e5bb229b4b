using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OsmExt.Envoy;
using OsmExt.Testing.Xds;
using OsmExt.Xds.Observability;
using OsmExt.Xds.Server;
using OsmExt.Xds.Server.Connections;
using OsmExt.Xds.Snapshots;
using Prometheus;

namespace OsmExt.Xds.Tests.Hosting;

/// <summary>
/// The real server on a real port with mutual TLS, and a second port in plaintext for clients that cannot do that. All
/// proxies look at one scope.
/// </summary>
internal sealed class XdsTestServer : IAsyncDisposable
{
    private const string Scope = "mesh";

    private readonly WebApplication _app;
    private readonly TestPki _pki;
    private readonly List<IDisposable> _certificates = [];
    private long _revision;

    private XdsTestServer(WebApplication app, TestPki pki, CollectorRegistry metrics)
    {
        (_app, _pki, Collected) = (app, pki, metrics);
        var addresses = app.Urls.Select(static url => new Uri(url)).ToList();
        (Address, PlaintextAddress) = (addresses.Single(static a => a.Scheme == "https"), addresses.Single(static a => a.Scheme == "http"));
    }

    public Uri Address { get; }

    public Uri PlaintextAddress { get; }

    public CollectorRegistry Collected { get; }

    public TestPki Pki => _pki;

    public SnapshotCache Cache => Service<SnapshotCache>();

    public StreamRegistry Registry => Service<StreamRegistry>();

    public RejectionLog Rejections => Service<RejectionLog>();

    public XdsMetrics Metrics => Service<XdsMetrics>();

    /// <param name="configure">Sets limits.</param>
    /// <param name="successorOf">A stopped server whose ports and certificates to take over, as after a restart.</param>
    /// <param name="customize">Replaces services.</param>
    public static async Task<XdsTestServer> StartAsync(Action<XdsServerOptions>? configure = null, XdsTestServer? successorOf = null, Action<IServiceCollection>? customize = null)
    {
        var pki = successorOf?._pki ?? new TestPki();
        var identity = pki.Issue("server");
        var metrics = Prometheus.Metrics.NewCustomRegistry();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, successorOf?.Address.Port ?? 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.AdmitXds(with => with.UseHttps(https => Require(https, identity, pki)));
            });
            kestrel.Listen(IPAddress.Loopback, successorOf?.PlaintextAddress.Port ?? 0, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton<IMetricFactory>(Prometheus.Metrics.WithCustomRegistry(metrics));
        builder.Services.AddSingleton<IXdsClientAuthorizer>(new CommonNameAuthorizer(Scope));
        builder.Services.AddSingleton<IStatusReaders>(new CommonNameReaders());
        customize?.Invoke(builder.Services);
        builder.Services.AddXds(configure);
        var app = builder.Build();
        app.MapXds();
        await app.StartAsync();
        var server = new XdsTestServer(app, pki, metrics);
        server._certificates.AddRange([identity, .. successorOf?._certificates ?? []]);
        return server;
    }

    /// <summary>Closes the ports, for a successor that takes over the rest.</summary>
    public async Task StopAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    /// <summary>A certificate, kept as long as the server is.</summary>
    public X509Certificate2 Issue(string commonName)
    {
        var certificate = _pki.Issue(commonName);
        _certificates.Add(certificate);
        return certificate;
    }

    /// <summary>A client with a certificate of this proxy.</summary>
    public AdsTestClient Connect(string proxyId)
        => new(Address, new() { ClientCertificate = Issue(proxyId), TrustedRoots = [_pki.Root], NodeId = proxyId });

    public void Publish(params XdsResource[] resources) => Cache.Publish(Scope, XdsSnapshot.Create(++_revision, resources));

    public void Change(params XdsResource[] changed) => Patch([.. changed.Select(XdsChange.Set)]);

    public void Remove(string type, params string[] names) => Patch([.. names.Select(name => XdsChange.Remove(Wire.TypeUrl(type), name))]);

    public void Patch(params XdsChange[] changes) => Cache.Patch(Scope, ++_revision, changes);

    /// <summary>Everything changed so far is acknowledged or refused by everyone connected.</summary>
    public async Task WhenAnsweredAsync()
    {
        var answered = Cache.WhenAcknowledgedAsync(_revision);
        await Task.WhenAny(answered, Task.Delay(Eventually.Patience, TimeProvider.System));
        Assert.True(answered.IsCompletedSuccessfully, $"not answered: {string.Join(", ", Registry.Describe().SelectMany(Owed))}");

        static IEnumerable<string> Owed(XdsStreamView stream) => stream.Types.Where(static t => t.Pending > 0 || t.Unanswered)
            .Select(t => $"{stream.ProxyId} {TypeUrls.ShortName(t.TypeUrl)} ({t.Pending} pending, unanswered: {t.Unanswered}, {t.LastError})");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _certificates.ForEach(static c => c.Dispose());
        _pki.Dispose();
    }

    private static void Require(HttpsConnectionAdapterOptions https, X509Certificate2 identity, TestPki pki)
    {
        https.ServerCertificate = identity;
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, _, _) =>
        {
            using var chain = new X509Chain();
            (chain.ChainPolicy.TrustMode, chain.ChainPolicy.RevocationMode) = (X509ChainTrustMode.CustomRootTrust, X509RevocationMode.NoCheck);
            chain.ChainPolicy.CustomTrustStore.Add(pki.Root);
            return chain.Build(certificate);
        };
    }

    private T Service<T>()
        where T : notnull
        => _app.Services.GetRequiredService<T>();
}
