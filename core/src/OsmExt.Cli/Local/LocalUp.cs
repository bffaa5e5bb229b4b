using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using OsmExt.Cli.Commands;
using OsmExt.Cli.Local.Api;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.Identity;
using OsmExt.Kubernetes.Injection;
using OsmExt.Kubernetes.Sources;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Network;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Local;

/// <summary>Brings a local mesh up and keeps its pods in step with the manifests. The control plane follows them by itself.</summary>
internal sealed class LocalUp(LocalUpOptions options, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private volatile ResourceSnapshot _snapshot = ResourceSnapshot.Empty;
    private readonly Dictionary<ResourceKey, (string Uid, SidecarSettings Settings)> _settings = [];
    private MeshProxies _proxies = MeshProxies.None;
    private DataPlaneChoice _choice = null!;
    private LoopbackBlock? _loopback;
    private LocalApi? _api;

    /// <summary>Runs until the mesh is taken down.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        LocalDetach.Redirect();
        _choice = await LocalCheck.LookAsync(options.EnvoyVersion, options.DataPlane, cancellation).ConfigureAwait(false);
        if (_choice.Missing.Count > 0)
        {
            await Console.Error.WriteLineAsync(LocalCheck.Explain(_choice)).ConfigureAwait(false);
            return ExitCode.Missing;
        }

        using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning));
        try
        {
            _loopback = _choice.IsLoopback ? LoopbackBlock.Free(options.Name) : null;
            _api = options.HasApi ? await LocalApi.StartAsync(options, _loopback, time, cancellation).ConfigureAwait(false) : null;
            return await RunAsync(logging, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is CertificateAuthorityException or IOException or InvalidOperationException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"osm: {failure.Message}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
        finally
        {
            if (_api is { } api)
            {
                await api.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<int> RunAsync(ILoggerFactory logging, CancellationToken cancellation)
    {
        OpenRoots(logging).Dispose();
        LocalApplied.Begin(options.Name);
        var credentials = new CredentialRenewal(
            () => _api?.RootsVersion ?? CredentialRenewal.VersionIn(LocalPaths.ControlPlane(options.Name)), () => OpenRoots(logging), new IdentityOptions().ProxyCertificateValidity, time, logging.CreateLogger<CredentialRenewal>());
        var mesh = await LocalMesh.StartAsync(
            RuntimeOptions(credentials), time, logging.CreateLogger<LocalMesh>(), cancellation).ConfigureAwait(false);
        var status = new LocalStatus(options, _choice, _loopback, mesh, _api);
        try
        {
            await (_api?.AdmitAsync(mesh) ?? Task.CompletedTask).ConfigureAwait(false);
            Console.WriteLine(_choice);
            Console.WriteLine($"Mesh {options.Name} is coming up; logs are in {options.Logs}");
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, mesh.Stopping);
            var first = await Task.WhenAny(
                FollowAsync(mesh, status, ending.Token),
                status.RefreshAsync(time, ending.Token),
                credentials.RunAsync(mesh.ReplaceSidecarFilesAsync, ending.Token),
                ServeAsync(mesh, status, ending.Token),
                _api?.Pods.RunAsync(() => mesh.Processes, ending.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, time, ending.Token)).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (mesh.Stopping.IsCancellationRequested || cancellation.IsCancellationRequested)
        {
            Console.WriteLine($"Mesh {options.Name} is going down");
        }
        finally
        {
            await mesh.DisposeAsync().ConfigureAwait(false);
            status.Remove();
            LocalApplied.Remove(options.Name);
        }

        return ExitCode.Ok;
    }

    private async Task FollowAsync(LocalMesh mesh, LocalStatus status, CancellationToken cancellation)
    {
        var (source, isFirst) = (_api?.Source ?? new DirectorySource(new() { Paths = options.Sources }, time), true);
        await foreach (var batch in source.WatchAsync(cancellation).ConfigureAwait(false))
        {
            _snapshot = _snapshot.Apply(batch, out var differences);
            if (!batch.IsSynced || (!isFirst && !differences.Any(difference => Concerns(difference.Key.Kind))))
            {
                continue;
            }

            isFirst = false;
            await RunPodsAsync(mesh, status, cancellation).ConfigureAwait(false);
        }
    }

    private async Task RunPodsAsync(LocalMesh mesh, LocalStatus status, CancellationToken cancellation)
    {
        var snapshot = _snapshot;
        _proxies = MeshProxies.Of(snapshot, EndpointTable.Of(snapshot, options.Compiler), options.Compiler);
        LocalPod[] all = [.. snapshot.All<Pod>().Where(pod => !pod.Finished).Select(pod => PodOf(pod, snapshot))];
        foreach (var gone in _settings.Keys.Except(all.Select(pod => pod.Pod.Key)).ToArray())
        {
            _settings.Remove(gone);
        }

        _api?.Pods.Follow(all, []);

        // On an API server pods come without addresses, and get them from whoever runs them.
        var pods = _api is null ? all : [.. all.Where(pod => !pod.Pod.Addresses.IsEmpty)];
        var problems = await mesh.ApplyAsync(pods, [.. snapshot.All<Service>()], [.. snapshot.All<EndpointSlice>()], cancellation).ConfigureAwait(false);
        foreach (var problem in problems)
        {
            await Console.Error.WriteLineAsync($"osm: {problem}").ConfigureAwait(false);
        }

        _api?.Pods.Follow(all, problems);
        status.Write(pods);
    }

    // The mesh's lists count for pods that are new, as they do where pods are injected.
    private LocalPod PodOf(Pod pod, ResourceSnapshot snapshot)
    {
        if (!_settings.TryGetValue(pod.Key, out var known) || known.Uid != pod.Metadata.Uid)
        {
            var settings = snapshot.Find<MeshConfig>(new(nameof(MeshConfig), options.Compiler.OsmNamespace, MeshConfig.WellKnownName))?.Sidecar ?? SidecarSettings.Default;
            _settings[pod.Key] = known = (pod.Metadata.Uid, settings);
        }

        return new(pod, _proxies.Find(pod.Key) is not null) { Interception = InterceptionScript.Of(known.Settings), ReachByPodAddress = known.Settings.ReachByPodAddress };
    }

    // Without an API server the first look at the manifests has all pods.
    private async Task ServeAsync(LocalMesh mesh, LocalStatus status, CancellationToken cancellation)
    {
        if (_api is not { } api)
        {
            status.Open();
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellation).ConfigureAwait(false);
            return;
        }

        await api.WaitForWebhooksAsync(cancellation).ConfigureAwait(false);
        await api.Manifests.BringAsync(cancellation).ConfigureAwait(false);
        while (!status.Has(api.Manifests.Pods))
        {
            await Task.Delay(Look, time, cancellation).ConfigureAwait(false);
        }

        status.Open();
        Console.WriteLine($"API server: {api.Address.GetLeftPart(UriPartial.Authority)}; what is changed on it lasts until the mesh goes down. Begin with");
        Console.WriteLine($"  kubectl --kubeconfig {api.Kubeconfig} get pods -A");
        await api.Manifests.FollowAsync(cancellation).ConfigureAwait(false);
    }

    private static bool Concerns(string kind) => kind is nameof(Pod) or nameof(Service) or nameof(EndpointSlice) or EndpointSlice.LegacyKind or nameof(Namespace);

    private LocalMeshOptions RuntimeOptions(CredentialRenewal credentials)
    {
        var (program, first) = ThisProgram.Command;
        return new()
        {
            Name = options.Name,
            StateDirectory = LocalPaths.Runtime(options.Name),
            LogDirectory = options.Logs,
            ImagesDirectory = options.Images,
            EnvoyPath = _choice.EnvoyPath,
            Embedded = _choice.IsEmbedded ? new(program, [.. first, "proxy", "run", "--drain-time", "0:00:01"]) : null,
            Loopback = _loopback,
            WriteBootstrap = (request, stopping) => WriteBootstrapAsync(request, credentials, stopping),
            ControlPlane = new(program,
            [
                .. first, "run",
                .. _api?.ControlPlaneArguments ?? options.Sources.SelectMany(path => new[] { "--config", path }),
                .. options.Plugins is { } plugins ? new[] { "--plugins", plugins } : [],
                .. options.PluginPolicy is { } policy ? new[] { "--plugin-policy", policy } : [],
                "--state", LocalPaths.ControlPlane(options.Name),
                "--xds-address", $"{Node}:{Ports.ControlPlane}",
                .. _loopback is { } block
                    ? new[] { "--http-address", $"{block.Node}:{LocalStatus.HttpPort}", "--debug-address", $"{block.Node}:{LocalStatus.DebugPort}" } : [],
                "--mesh-name", options.Compiler.MeshName,
                "--osm-namespace", options.Compiler.OsmNamespace,
                "--trust-domain", options.Compiler.TrustDomain,
                "--certificate-key", options.Compiler.RsaCertificates ? RunCommand.Rsa : RunCommand.Ecdsa,
                "--shortest-certificate-validity", options.ShortestCertificateValidity.ToString("c", CultureInfo.InvariantCulture),
            ]),
        };
    }

    private async Task<string> WriteBootstrapAsync(ProxyBootstrapRequest request, CredentialRenewal credentials, CancellationToken cancellation)
    {
        var proxy = _proxies.Find(request.Pod.Pod.Key) ?? throw new InvalidOperationException($"{request.Pod.Pod.Key} has no sidecar.");
        var file = Path.Join(request.Directory, "bootstrap.yaml");
        var address = new DnsEndPoint(Node, Ports.ControlPlane);
        var chosen = request.Pod.Pod.Metadata.Annotations[LocalPod.EnvoyAnnotation];
        var capabilities = _choice.IsEmbedded && string.IsNullOrEmpty(chosen)
            ? new ProxyCapabilities(DataPlane.Discovery.NodeIdentity.EnvoyVersion, DataPlane.Capabilities.Extensions.Keys)
            : Capabilities.OfRelease(chosen ?? _choice.EnvoyVersion);
        var text = credentials.Start(request.Pod.Pod.Key, proxy.Identity, address, request.Directory, Bootstraps.Of(request.Pod.Pod.Key, capabilities));
        await File.WriteAllTextAsync(file, text, cancellation).ConfigureAwait(false);
        return file;
    }

    private string Node => _loopback?.Node.ToString() ?? LocalMeshOptions.DefaultNodeAddress;

    private LocalBootstraps Bootstraps => new(options, plugins => _api is null ? Manifests.Load(options.Sources, plugins) : _snapshot, time);

    // Read anew each time: the control plane changes which root signs. The first time, before it starts, makes the roots.
    private MeshRoots OpenRoots(ILoggerFactory logging)
        => _api?.OpenRoots() ?? MeshRoots.Open(LocalPaths.ControlPlane(options.Name), options.Compiler.TrustDomain, time, logging.CreateLogger<CaDirectory>());
}
