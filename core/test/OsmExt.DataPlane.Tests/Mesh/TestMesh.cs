using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using OsmExt.DataPlane.Streams;
using OsmExt.Envoy;
using OsmExt.PluginHost;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Cases;
using OsmExt.Testing.Simulation;

namespace OsmExt.DataPlane.Tests.Mesh;

/// <summary>
/// Manifests as a mesh that runs in this process: a traffic engine for each pod that has a sidecar, with what the compiler makes for it and
/// with real certificates. Pods' addresses exist only here: connections between pods are streams in memory.
/// </summary>
internal sealed class TestMesh : IAsyncDisposable
{
    private readonly ConcurrentDictionary<IPAddress, TestPod> _byAddress = [];
    private readonly ConcurrentDictionary<string, TestPod> _byName = new(StringComparer.Ordinal);

    private TestMesh()
    {
    }

    public TestAuthority Authority { get; } = new();

    public TestPod this[string pod] => _byName[pod];

    /// <summary>One of the compiler's snapshot cases.</summary>
    public static Task<TestMesh> OfCaseAsync(string name, Func<TrafficOptions, TrafficOptions>? configure = null)
        => OfAsync(Path.Combine(CaseFolder.Beside(), "../../../OsmExt.Compiler.Tests/cases", name, TranslationCase.InputFile), configure);

    /// <summary>Manifests in a file.</summary>
    public static async Task<TestMesh> OfAsync(string path, Func<TrafficOptions, TrafficOptions>? configure = null, PluginSet? plugins = null)
    {
        var mesh = new TestMesh();
        var compiled = Compile(path, plugins);
        foreach (var pod in compiled.Pods)
        {
            var options = new TrafficOptions { Binds = false };
            options = configure?.Invoke(options) ?? options;
            var test = new TestPod(mesh, pod.ToString(), pod.Addresses, options);
            mesh._byName[test.Name] = test;
            foreach (var address in pod.Addresses)
            {
                mesh._byAddress[address] = test;
            }

            if (pod.Proxy is { } proxy)
            {
                await test.ApplyAsync(mesh.WithCertificates(proxy));
            }
        }

        return mesh;
    }

    public static SimulatedMesh Compile(string path, PluginSet? plugins = null)
        => CompiledMesh.Of(TranslationCase.Read(path, plugins), new(), plugins: plugins);

    /// <summary>The configuration with real certificates in place of what stands for them.</summary>
    public ProxyConfiguration WithCertificates(ProxyConfiguration proxy, TestAuthority? issuer = null)
    {
        var (chain, key) = (issuer ?? Authority).Issue(proxy.Certificate!.Uris[0], proxy.Certificate.DnsNames[0]);
        return proxy.With(proxy.Resources.Select(resource =>
        {
            if (resource.Message is not Secret secret)
            {
                return resource;
            }

            var real = secret.Clone();
            if (real.TlsCertificate is { } certificate)
            {
                certificate.CertificateChain = new() { InlineString = chain };
                certificate.PrivateKey = new() { InlineBytes = ByteString.CopyFromUtf8(key) };
            }
            else if (real.ValidationContext?.TrustedCa is not null)
            {
                real.ValidationContext.TrustedCa = new() { InlineString = Authority.RootPem };
            }

            return XdsResource.Create(real, resource.Name);
        }));
    }

    /// <summary>Opens a connection as a node's network does: to the sidecar of the pod that has the address, or to its application.</summary>
    internal async ValueTask<Stream> RouteAsync(TestPod from, IPEndPoint destination, CancellationToken stop)
    {
        if (IPAddress.IsLoopback(destination.Address))
        {
            return await from.OpenApplicationAsync(destination.Port, stop);
        }

        if (!_byAddress.TryGetValue(destination.Address, out var pod))
        {
            throw new SocketException((int)SocketError.HostUnreachable);
        }

        if (!pod.HasSidecar)
        {
            return await pod.OpenApplicationAsync(destination.Port, stop);
        }

        var (left, right) = StreamPair.Create();
        pod.Receive(right, from.NextSource(), destination);
        return left;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in _byName.Values)
        {
            await pod.DisposeAsync();
        }

        Authority.Dispose();
    }
}
