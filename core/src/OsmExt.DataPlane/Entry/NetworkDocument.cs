using System.Collections.Frozen;
using System.Net;
using System.Text.Json;

namespace OsmExt.DataPlane.Entry;

/// <summary>A <see cref="LoopbackNetwork"/> as it is written down for a sidecar in another process.</summary>
internal sealed record NetworkDocument
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required string At { get; init; }

    public required string Application { get; init; }

    public string[] Addresses { get; init; } = [];

    public bool Meshed { get; init; }

    public int[] OutboundPortExclusions { get; init; } = [];

    public int[] InboundPortExclusions { get; init; } = [];

    public string[] OutboundRangeExclusions { get; init; } = [];

    public string[] OutboundRangeInclusions { get; init; } = [];

    public IReadOnlyDictionary<string, string[]> Names { get; init; } = new Dictionary<string, string[]>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, PodPlace> Pods { get; init; } = new Dictionary<string, PodPlace>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string[]> Services { get; init; } = new Dictionary<string, string[]>(StringComparer.Ordinal);

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is no such document.</exception>
    public static NetworkDocument Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<NetworkDocument>(File.ReadAllText(path), Json) ?? throw new FormatException($"{path} is empty");
        }
        catch (JsonException broken)
        {
            throw new FormatException($"{path} is no description of a network: {broken.Message}", broken);
        }
    }

    /// <summary>Writes a file, so that a reader sees the old or the new one.</summary>
    public void Save(string path)
    {
        File.WriteAllText($"{path}.new", JsonSerializer.Serialize(this, Json));
        File.Move($"{path}.new", path, overwrite: true);
    }

    /// <exception cref="FormatException">An address is none.</exception>
    public LoopbackNetwork Read() => new()
    {
        At = IPAddress.Parse(At),
        Application = IPAddress.Parse(Application),
        Addresses = [.. Addresses.Select(IPAddress.Parse)],
        Meshed = Meshed,
        OutboundPortExclusions = [.. OutboundPortExclusions],
        InboundPortExclusions = [.. InboundPortExclusions],
        OutboundRangeExclusions = [.. OutboundRangeExclusions.Select(IPNetwork.Parse)],
        OutboundRangeInclusions = [.. OutboundRangeInclusions.Select(IPNetwork.Parse)],
        Names = Names.ToFrozenDictionary(entry => entry.Key, entry => entry.Value.Select(IPAddress.Parse).ToArray(), StringComparer.OrdinalIgnoreCase),
        Pods = Pods.ToFrozenDictionary(
            entry => IPAddress.Parse(entry.Key), entry => new LoopbackPod(IPAddress.Parse(entry.Value.At), IPAddress.Parse(entry.Value.Application), entry.Value.Meshed)),
        Services = Services.ToFrozenDictionary(entry => IPEndPoint.Parse(entry.Key), entry => entry.Value.Select(IPEndPoint.Parse).ToArray()),
    };
}

/// <summary>A pod's place in a <see cref="NetworkDocument"/>.</summary>
internal sealed record PodPlace(string At, string Application, bool Meshed);
