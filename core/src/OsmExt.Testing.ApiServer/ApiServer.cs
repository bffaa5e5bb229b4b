using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using OsmExt.Testing.ApiServer.Authorization;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;
using OsmExt.Testing.ApiServer.Upkeep;
using OsmExt.Testing.ApiServer.Watching;

namespace OsmExt.Testing.ApiServer;

/// <summary>
/// A Kubernetes API server in this process, over TLS on loopback, without a cluster behind it: objects are stored, watched and judged as in
/// Kubernetes, and nothing runs. What it leaves out is in <c>core/docs/api-server.md</c>.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly string _name;
    private readonly RequestHandler _handler;
    private WebApplication _application;
    private readonly ServerCertificates _certificates;
    private readonly ServiceAccountTokens _tokens;
    private readonly ObjectRules _rules;
    private readonly ClusterUpkeep _upkeep;

    private ApiServer(ApiServerOptions options)
    {
        _name = options.Name;
        Store = new(options.KeptChanges);
        _certificates = new(options.Clock);
        _tokens = new(options.Clock);
        _rules = new(Store, options, new(options.Seed + 1));
        Writer = new(Store, _rules, new(options.Seed), options.Clock);
        Deleter = new(Writer);
        Faults = new(options.Seed, options.Clock, Store);
        _upkeep = new(Writer, Deleter, options, CertificateAuthority);
        var reader = new ObjectReader(Store, Writer);
        var watches = new WatchHandler(Store, new(Store, Writer, options.Clock, options.BookmarkInterval), Faults, options.Clock);
        var resources = new ResourceHandler(reader, Writer, Deleter, new(reader, Writer, Deleter, _tokens), watches, Faults, options.Clock);
        _handler = new(Store, _rules, new(_certificates, _tokens, _rules), _tokens, resources, Faults, new(Store, options.Pods));
        _application = NewApplication(options.Port);
    }

    /// <summary>Where it listens: <c>https://127.0.0.1:PORT</c>.</summary>
    public Uri Address { get; private set; } = new("https://127.0.0.1");

    /// <summary>The authority of its certificate, in PEM.</summary>
    public string CertificateAuthority => _certificates.Authority.ExportCertificatePem();

    /// <summary>What goes wrong, and what was asked.</summary>
    public ServerFaults Faults { get; }

    internal ObjectStore Store { get; }

    internal ObjectWriter Writer { get; }

    internal ObjectDeleter Deleter { get; }

    /// <summary>Starts a server with what a new cluster has: the namespaces <c>default</c>, <c>kube-system</c>, <c>kube-public</c> and <c>kube-node-lease</c>.</summary>
    public static async Task<ApiServer> StartAsync(ApiServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var server = new ApiServer(options ?? new());
        try
        {
            await server.ListenAsync(cancellationToken).ConfigureAwait(false);
            foreach (var name in new[] { "default", "kube-system", "kube-public", "kube-node-lease" })
            {
                await server.CreateAsync(new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } }, cancellationToken).ConfigureAwait(false);
            }

            server._upkeep.Start();
            foreach (var role in BootstrapRoles.All)
            {
                await server.CreateAsync(role, cancellationToken).ConfigureAwait(false);
            }

            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// The text of a kubeconfig for a user. <c>admin</c> may do everything; <c>system:serviceaccount:NAMESPACE:NAME</c> is that account, which
    /// must be there, by token; any other name is a user without groups.
    /// </summary>
    public string Kubeconfig(string user = "admin", string @namespace = "default")
        => Kubeconfigs.Text(_name, Address, _certificates, UserEntry(user), @namespace);

    /// <summary>
    /// Breaks all connections and refuses new ones while something else is done, then serves again at the same address, with the same objects, keys and history.
    /// </summary>
    public async Task RestartAsync(Func<Task>? meanwhile = null, CancellationToken cancellationToken = default)
    {
        await HangUpAsync().ConfigureAwait(false);
        await (meanwhile?.Invoke() ?? Task.CompletedTask).ConfigureAwait(false);
        _application = NewApplication(Address.Port);
        await ListenAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes an object as if an administrator had sent it.</summary>
    internal Task<JsonObject> CreateAsync(JsonObject value, CancellationToken stop)
    {
        var kind = Store.Kinds.Named(value.Text("apiVersion") ?? "", value.Text("kind") ?? "") ?? throw Refusal.BadRequest($"no kind {value.Text("kind")} in {value.Text("apiVersion")} is served");
        return Writer.CreateAsync(new(Caller.Server, kind, kind.Namespaced ? value.Metadata().Text("namespace") ?? "default" : "", value.Name()), value, stop);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _upkeep.DisposeAsync().ConfigureAwait(false);
        await HangUpAsync().ConfigureAwait(false);
        _certificates.Dispose();
        _tokens.Dispose();
        _rules.Dispose();
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        await _application.StartAsync(stop).ConfigureAwait(false);
        Address = new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    private async Task HangUpAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync().ConfigureAwait(false);
        await _application.StopAsync(atOnce.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _application.DisposeAsync().ConfigureAwait(false);
    }

    // Empty: neither files nor the environment of the process it runs in change anything here.
    private WebApplication NewApplication(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;

            // Clients keep all their watches on one connection.
            kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = _certificates.Server;
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;

                // Whose it is, and whether it says so rightly, is judged with each request, so that the answer is a Status.
                https.AllowAnyClientCertificate();
            }));
        });
        var application = builder.Build();
        application.UseWebSockets();
        application.Run(_handler.HandleAsync);
        return application;
    }

    private JsonObject UserEntry(string user)
    {
        if (user.Split(':') is ["system", "serviceaccount", var space, var name])
        {
            var account = Store.State.Find(new("", "serviceaccounts"), new(space, name))?.Object ?? throw new InvalidOperationException($"There is no ServiceAccount {space}/{name}.");
            return new() { ["token"] = _tokens.New(account, [ServiceAccountTokens.Issuer], TimeSpan.FromDays(365), pod: null).Token };
        }

        var (certificate, key) = _certificates.NewUser(user, user == "admin" ? [Caller.Masters] : []);
        return new() { ["client-certificate-data"] = Kubeconfigs.Encoded(certificate), ["client-key-data"] = Kubeconfigs.Encoded(key) };
    }
}
