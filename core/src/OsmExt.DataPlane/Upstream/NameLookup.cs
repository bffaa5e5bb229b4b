using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Envoy.Config.Cluster.V3;

namespace OsmExt.DataPlane.Upstream;

/// <summary>Addresses of a cluster whose endpoints are host names. They are looked up when first needed, and again when they have become old.</summary>
internal sealed class NameLookup(Cluster cluster, TrafficOptions options) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly TimeSpan _lasts = cluster.DnsRefreshRate?.ToTimeSpan() ?? TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, IPAddress[]> _found = new(StringComparer.OrdinalIgnoreCase);
    private long _at = long.MinValue;

    public IEnumerable<IPEndPoint> Addresses(string name, IPEndPoint at)
    {
        var found = _found.GetValueOrDefault(name) ?? [];
        // Only one counts where the name is taken to stand for one endpoint.
        return (cluster.Type == Cluster.Types.DiscoveryType.LogicalDns ? found.Take(1) : found).Select(address => new IPEndPoint(address, at.Port));
    }

    /// <summary>Looks up again what is old. Whoever needs it waits for that.</summary>
    public async ValueTask RefreshAsync(Action changed, CancellationToken stop)
    {
        var known = Interlocked.Read(ref _at);
        if (known != long.MinValue && options.Time.GetElapsedTime(known) < _lasts)
        {
            return;
        }

        await _one.WaitAsync(stop);
        try
        {
            if (Interlocked.Read(ref _at) is var now && now != known)
            {
                return;
            }

            foreach (var name in cluster.LoadAssignment.Endpoints.SelectMany(group => group.LbEndpoints)
                .Select(endpoint => endpoint.Endpoint?.Address?.SocketAddress?.Address).OfType<string>().Where(name => !IPAddress.TryParse(name, out _)).Distinct())
            {
                try
                {
                    _found[name] = Ordered(await options.Resolve(name, stop));
                }
                catch (SocketException)
                {
                    // What was found before is better than nothing.
                }
            }

            Interlocked.Exchange(ref _at, options.Time.GetTimestamp());
            changed();
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private IPAddress[] Ordered(IPAddress[] found) => cluster.DnsLookupFamily switch
    {
        Cluster.Types.DnsLookupFamily.V4Only => [.. found.Where(IsV4)],
        Cluster.Types.DnsLookupFamily.V6Only => [.. found.Where(address => !IsV4(address))],
        Cluster.Types.DnsLookupFamily.V4Preferred => found.Any(IsV4) ? [.. found.Where(IsV4)] : found,
        Cluster.Types.DnsLookupFamily.All => found,
        _ => found.All(IsV4) ? found : [.. found.Where(address => !IsV4(address))],
    };

    private static bool IsV4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;
}
