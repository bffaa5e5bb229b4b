using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.DataPlane.Entry;
using OsmExt.LocalRuntime.Pods;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Network;

/// <summary>
/// Loopback addresses: each pod has one for its sidecar and one for its applications, which send through an explicit proxy. Needs no privilege,
/// and keeps nobody out who goes around that proxy.
/// </summary>
internal sealed class LoopbackMeshNetwork(LoopbackBlock block, string files, TimeProvider time) : IMeshNetwork
{
    /// <summary>Variable that tells a container's program the address to listen at.</summary>
    public const string ListenVariable = "OSM_LISTEN_ADDRESS";

    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceKey, Resident> _pods = [];
    private ServiceTable _services = ServiceTable.Empty;
    private EntryServer? _node;
    private LoopbackNetwork? _seenByNode;
    private Everybody? _everybody;

    public string? NodeNamespace => null;

    public async Task CreateAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Folder);
        try
        {
            _node = await LoopbackSidecar.WithoutAsync(() => Seen(null), time, NullLoggerFactory.Instance, cancellation).ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            throw new IOException($"{block.Node}:{LoopbackNetwork.EntryPort} cannot be used: {failure.Message}", failure);
        }
    }

    public async Task AddPodAsync(PodPlan pod, ServiceTable services, CancellationToken cancellation)
    {
        if (pod.HostNetwork)
        {
            return;
        }

        Resident resident;
        lock (_gate)
        {
            var number = Enumerable.Range(1, int.MaxValue).First(candidate => _pods.Values.All(other => other.Number != candidate));
            _pods[pod.Key] = resident = new(pod, number);
            _services = services;
            Save();
        }

        if (pod.Sidecar is null)
        {
            resident.Entry = await LoopbackSidecar.WithoutAsync(() => Seen(resident), time, NullLoggerFactory.Instance, cancellation).ConfigureAwait(false);
        }
    }

    public async Task RemovePodAsync(PodPlan pod, CancellationToken cancellation)
    {
        Resident? gone;
        lock (_gate)
        {
            if (_pods.Remove(pod.Key, out gone))
            {
                File.Delete(FileOf(pod));
                Save();
            }
        }

        if (gone?.Entry is { } entry)
        {
            await entry.DisposeAsync().ConfigureAwait(false);
        }
    }

    public Task SetServicesAsync(ServiceTable services, IReadOnlyList<PodPlan> pods, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _services = services;
            Save();
        }

        return Task.CompletedTask;
    }

    public async Task DeleteAsync(CancellationToken cancellation)
    {
        if (_node is { } node)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }
    }

    public IReadOnlyList<string> SidecarArguments(PodPlan pod) => ["--network", FileOf(pod)];

    public LabelSet Environment(PodPlan pod, LabelSet own)
    {
        var place = PlaceOf(pod.Key);
        var entry = $"{place?.At ?? block.Node}:{LoopbackNetwork.EntryPort}";
        var (http, any) = ($"http://{entry}", $"socks5h://{entry}");
        return LabelSet.From(
        [
            // In both spellings, since programs differ in which they read.
            .. new[] { ("http_proxy", http), ("https_proxy", http), ("all_proxy", any) }
                .SelectMany(variable => new[] { variable, (variable.Item1.ToUpperInvariant(), variable.Item2) })
                .Select(variable => new KeyValuePair<string, string>(variable.Item1, variable.Item2)),
            .. own,
            new(ListenVariable, $"{place?.Application ?? block.Node}"),
        ]);
    }

    public LoopbackPod? PlaceOf(ResourceKey pod)
    {
        lock (_gate)
        {
            return _pods.TryGetValue(pod, out var resident) ? new(block.At(resident.Number), block.ApplicationsOf(resident.Number), resident.Plan.Sidecar is not null) : null;
        }
    }

    private string Folder => Path.Join(files, "network");

    private string FileOf(PodPlan pod) => Path.Join(Folder, $"{pod.Folder}.json");

    // Asked for each connection, and the same until somebody comes, goes or changes.
    private LoopbackNetwork Seen(Resident? resident)
    {
        lock (_gate)
        {
            return resident is null ? _seenByNode ??= Document(null).Read() : resident.Seen ??= Document(resident).Read();
        }
    }

    private void Save()
    {
        (_everybody, _seenByNode) = (null, null);
        foreach (var resident in _pods.Values)
        {
            resident.Seen = null;
        }

        foreach (var resident in _pods.Values.Where(resident => resident.Plan.Sidecar is not null))
        {
            Document(resident).Save(FileOf(resident.Plan));
        }
    }

    // The network as a pod sees it; as the node does without one.
    private NetworkDocument Document(Resident? resident)
    {
        lock (_gate)
        {
            var (plan, interception) = (resident?.Plan, resident?.Plan.Sidecar?.Interception);
            _everybody ??= new(Pods(), Services());
            return new()
            {
                At = $"{(resident is null ? block.Node : block.At(resident.Number))}",
                Application = $"{(resident is null ? block.Node : block.ApplicationsOf(resident.Number))}",
                Addresses = plan is null ? [] : Texts(plan.Addresses),
                Meshed = interception is not null,
                OutboundPortExclusions = [.. interception?.OutboundPortExclusions ?? []],
                InboundPortExclusions = [.. interception?.InboundPortExclusions ?? []],
                OutboundRangeExclusions = [.. interception?.OutboundRangeExclusions ?? []],
                OutboundRangeInclusions = [.. interception?.OutboundRangeInclusions ?? []],
                Names = HostsFile.Names(HostsFile.For(_services, plan?.Key.Namespace ?? "", plan?.HostName ?? "node", plan is null ? [block.Node] : plan.Addresses)),
                Pods = _everybody.Pods,
                Services = _everybody.Services,
            };
        }
    }

    private Dictionary<string, PodPlace> Pods() => _pods.Values.SelectMany(other => Texts(other.Plan.Addresses).Select(address => (address, other))).ToDictionary(
        entry => entry.address,
        entry => new PodPlace($"{block.At(entry.other.Number)}", $"{block.ApplicationsOf(entry.other.Number)}", entry.other.Plan.Sidecar is not null),
        StringComparer.Ordinal);

    private Dictionary<string, string[]> Services()
        => (from service in _services.Services
            from address in service.VirtualAddresses
            from port in service.Ports
            where port.Transport == "tcp"
            select (Address: $"{new IPEndPoint(address, port.Port)}", Backends: port.Backends.Select(backend => backend.ToString()).ToArray()))
        .DistinctBy(entry => entry.Address).ToDictionary(entry => entry.Address, entry => entry.Backends, StringComparer.Ordinal);

    private static string[] Texts(IEnumerable<IPAddress> addresses) => [.. addresses.Select(address => address.ToString())];

    private sealed class Resident(PodPlan plan, int number)
    {
        public PodPlan Plan => plan;

        public int Number => number;

        public EntryServer? Entry { get; set; }

        /// <summary>The network as it sees it; null when that has to be found out anew.</summary>
        public LoopbackNetwork? Seen { get; set; }
    }

    // What is the same for all of them.
    private sealed record Everybody(Dictionary<string, PodPlace> Pods, Dictionary<string, string[]> Services);
}
