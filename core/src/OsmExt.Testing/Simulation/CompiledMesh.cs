using System.Collections.Immutable;
using System.Net;
using OsmExt.Compiler;
using OsmExt.Compiler.Translation;
using OsmExt.PluginHost;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;
using SliceEndpoint = OsmExt.Sdk.Resources.Endpoint;

namespace OsmExt.Testing.Simulation;

/// <summary>Manifests as a mesh to simulate: every pod, with what its proxy would be sent, and every service.</summary>
internal static class CompiledMesh
{
    /// <param name="snapshot">The manifests.</param>
    /// <param name="options">What the operator decides.</param>
    /// <param name="envoy">The Envoy of every proxy.</param>
    /// <param name="plugins">What else contributes to the configuration; nothing when null.</param>
    /// <param name="trustDomain">Whose certificates pods present; the one the mesh's roots say is issued in when null.</param>
    public static SimulatedMesh Of(
        ResourceSnapshot snapshot, CompilerOptions options, string envoy = Capabilities.NewestEnvoy, PluginSet? plugins = null, string? trustDomain = null)
        => From(snapshot, OfflineMesh.Compile(snapshot, options, (plugins ?? PluginSet.Empty).Contribute), envoy, trustDomain);

    /// <summary>A mesh that is compiled already.</summary>
    public static SimulatedMesh From(ResourceSnapshot snapshot, OfflineMesh mesh, string envoy = Capabilities.NewestEnvoy, string? trustDomain = null)
    {
        var capabilities = Capabilities.OfRelease(envoy);
        return new(
            snapshot.All<Pod>().Where(pod => !pod.Finished).Select(pod => Of(pod, mesh, capabilities, trustDomain ?? IssuingIn(mesh.Mesh))),
            ServicesOf(snapshot));
    }

    /// <summary>Pods and services as a network: nothing is compiled, and no pod has a sidecar.</summary>
    public static SimulatedMesh Network(ResourceSnapshot snapshot) => new(
        snapshot.All<Pod>().Where(pod => !pod.Finished)
            .Select(pod => new SimulatedPod(pod.Metadata.Namespace, pod.Metadata.Name, AddressesOf(pod), (ProxyConfiguration?)null) { Hostname = HostnameOf(pod) }),
        ServicesOf(snapshot));

    private static IEnumerable<SimulatedService> ServicesOf(ResourceSnapshot snapshot)
        => snapshot.All<Service>().Where(service => service.ExternalName.Length == 0).Select(service => Of(service, snapshot));

    private static SimulatedPod Of(Pod pod, OfflineMesh mesh, ProxyCapabilities capabilities, string trustDomain)
    {
        var name = $"{pod.Metadata.Namespace}/{pod.Metadata.Name}";
        var addresses = AddressesOf(pod);
        if (mesh.Proxies.Find(pod.Key) is not { } proxy)
        {
            return new(pod.Metadata.Namespace, pod.Metadata.Name, addresses, (ProxyConfiguration?)null) { Hostname = HostnameOf(pod) };
        }

        return new(pod.Metadata.Namespace, pod.Metadata.Name, addresses, new Lazy<ProxyConfiguration?>(Sidecar)) { Hostname = HostnameOf(pod) };

        ProxyConfiguration Sidecar()
        {
            var workload = proxy.Identity.Workload.In(trustDomain);
            return new(name, mesh.Translate(proxy, capabilities).Resources, new PeerCertificate([workload.SpiffeId], [workload.DnsName]))
            {
                Release = EnvoyRelease.Parse(capabilities.Version),
                OutboundPort = Ports.Outbound,
                InboundPort = Ports.Inbound,
            };
        }
    }

    private static string IssuingIn(Mesh mesh)
        => mesh.Roots is { } roots ? roots.TrustDomainOf(roots.Active[0]) : mesh.Settings.TrustDomain;

    private static ImmutableArray<IPAddress> AddressesOf(Pod pod) => pod.HostNetwork ? [] : Addresses(pod.Addresses);

    private static string HostnameOf(Pod pod) => pod.Hostname.Length > 0 ? pod.Hostname : pod.Metadata.Name;

    private static SimulatedService Of(Service service, ResourceSnapshot snapshot)
    {
        var slices = snapshot.All<EndpointSlice>()
            .Where(slice => slice.Metadata.Namespace == service.Metadata.Namespace && slice.ServiceName == service.Metadata.Name).ToArray();
        var counting = slices.Any(slice => !slice.IsLegacy) ? slices.Where(slice => !slice.IsLegacy).ToArray() : slices;
        return new(service.Metadata.Namespace, service.Metadata.Name, Addresses(service.ClusterAddresses),
            [.. service.Ports.Where(port => port.Transport == "TCP").Select(port => new SimulatedPort(port.Port, Serving(counting, port)))]);
    }

    private static ImmutableArray<(string Hostname, IPEndPoint Address)> Serving(EndpointSlice[] slices, ServicePort port)
        => [.. slices.SelectMany(slice => slice.Subsets)
            .SelectMany(subset => subset.Ports.Where(candidate => candidate.Name == port.Name)
                .SelectMany(found => subset.Endpoints.Where(endpoint => endpoint.Ready).Select(endpoint => At(endpoint, found.Port))))
            .OfType<(string, IPEndPoint)>().Distinct()];

    private static (string Hostname, IPEndPoint Address)? At(SliceEndpoint endpoint, int port)
        => IPAddress.TryParse(endpoint.Address, out var address) ? (endpoint.Hostname, new(address, port)) : null;

    private static ImmutableArray<IPAddress> Addresses(IEnumerable<string> written)
        => [.. written.Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>()];
}
