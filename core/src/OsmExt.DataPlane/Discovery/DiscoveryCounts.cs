using System.Collections.Concurrent;

namespace OsmExt.DataPlane.Discovery;

/// <summary>What came from the control plane, in numbers.</summary>
internal sealed class DiscoveryCounts
{
    private readonly ConcurrentDictionary<string, (long Taken, long Refused, string Version)> _byType = new(StringComparer.Ordinal);
    private int _connected;

    /// <summary>Responses taken and refused, and the newest version that was named, by type.</summary>
    public IReadOnlyDictionary<string, (long Taken, long Refused, string Version)> ByType => _byType;

    /// <summary>Whether the control plane is there.</summary>
    public bool IsConnected
    {
        get => Volatile.Read(ref _connected) == 1;
        set => Volatile.Write(ref _connected, value ? 1 : 0);
    }

    public void Took(string typeUrl, string version, bool refused) => _byType.AddOrUpdate(
        typeUrl,
        static (_, arrived) => Next((0, 0, ""), arrived),
        static (_, before, arrived) => Next(before, arrived),
        (refused, version));

    private static (long Taken, long Refused, string Version) Next((long Taken, long Refused, string Version) before, (bool Refused, string Version) arrived)
        => arrived.Refused ? (before.Taken, before.Refused + 1, before.Version) : (before.Taken + 1, before.Refused, arrived.Version);
}
