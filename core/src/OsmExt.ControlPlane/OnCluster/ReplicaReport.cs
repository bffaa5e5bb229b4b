using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using OsmExt.Compiler.Contributions;
using OsmExt.ControlPlane.Reporting;
using OsmExt.Identity.Roots;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.OnCluster;

/// <summary>What one replica says of the proxies it serves, so that the one that writes can speak of all.</summary>
internal sealed record ReplicaReport
{
    private const int LongestText = 64 << 20;
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Which root does what, as the replica followed it when it looked at its proxies; empty while no change is under way, and then nothing is said of them.</summary>
    public string Roots { get; init; } = "";

    /// <summary>Its proxies by what is known of them.</summary>
    public EquatableArray<EvidenceGroup> Evidence { get; init; }

    /// <summary>Proxies that had a stream here a moment ago.</summary>
    public ProxyMarks Away { get; init; } = ProxyMarks.None;

    /// <summary>How far each object that it has read has come at its proxies; null where that is too much to say.</summary>
    public ImmutableDictionary<string, ObjectShare>? Objects { get; init; }

    /// <summary>In a form for keeping; the same report gives the same bytes.</summary>
    public byte[] ToBytes()
    {
        var document = new Document(
            Roots, [.. Evidence.Select(GroupDocument.Of)], Away.ToText(),
            Objects is null ? null : [.. Objects.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => ShareDocument.Of(entry.Key, entry.Value))]);
        using var bytes = new MemoryStream();
        using (var compressed = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            JsonSerializer.Serialize(compressed, document, Format);
        }

        return bytes.ToArray();
    }

    /// <summary>What somebody has written; null when it is no report.</summary>
    public static ReplicaReport? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var text = new MemoryStream();
            using var compressed = new GZipStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
            var buffer = new byte[81920];
            for (int read; (read = compressed.Read(buffer)) > 0;)
            {
                text.Write(buffer, 0, read);
                if (text.Length > LongestText)
                {
                    return null;
                }
            }

            return JsonSerializer.Deserialize<Document>(text.ToArray(), Format) is { } document ? Of(document) : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidDataException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static ReplicaReport Of(Document document) => new()
    {
        Roots = document.Roots ?? "",
        Evidence = [.. (document.Evidence ?? []).Select(group => group.ToGroup())],
        Away = ProxyMarks.Parse(document.Away ?? ""),
        Objects = document.Objects?.ToImmutableDictionary(share => share.Object, share => share.ToShare(), StringComparer.Ordinal),
    };

    private sealed record Document(string? Roots, GroupDocument[]? Evidence, string? Away, ShareDocument[]? Objects);

    private sealed record GroupDocument(
        string Proxies, string[]? Trusts, string[]? Presents, string[]? Credentials, string[]? Accepts, string[]? PresentsIn, int[]? ConnectionsAfter, string[]? CredentialsIn)
    {
        public static GroupDocument Of(EvidenceGroup group)
        {
            var known = group.Known;
            return new(
                group.Proxies.ToText(), Sorted(known.Trusts), Sorted(known.Presents), Sorted(known.Credentials), Sorted(known.Accepts), Sorted(known.PresentsIn),
                known.ConnectionsAfter is { } after ? [.. after.Order()] : null, Sorted(known.CredentialsIn));
        }

        public EvidenceGroup ToGroup() => new(ProxyMarks.Parse(Proxies), new("", ProxyPresence.Connected)
        {
            Trusts = Set(Trusts), Presents = Set(Presents), Credentials = Set(Credentials), Accepts = Set(Accepts), PresentsIn = Set(PresentsIn),
            ConnectionsAfter = ConnectionsAfter is null ? null : [.. ConnectionsAfter], CredentialsIn = Set(CredentialsIn),
        });

        private static string[]? Sorted(ImmutableHashSet<string>? names) => names is null ? null : [.. names.Order(StringComparer.Ordinal)];

        private static ImmutableHashSet<string>? Set(string[]? names) => names is null ? null : [.. names];
    }

    private sealed record ShareDocument(string Object, long? Generation, int[]? Proxies, TargetDocument[]? Targets, RefusalDocument[]? Refused)
    {
        public static ShareDocument Of(string name, ObjectShare share) => new(
            name, share.Generation, share.Progress == ObjectProgress.None ? null : [share.Progress.Proxies.Selected, share.Progress.Proxies.Acknowledged, share.Progress.Held],
            share.Progress.Targets.Count <= 1 ? null : [.. share.Progress.Targets.Select(target => new TargetDocument(target.Target, target.Proxies.Selected, target.Proxies.Acknowledged))],
            share.Progress.Refused.Count == 0 ? null : [.. share.Progress.Refused.Take(10).Select(refusal => new RefusalDocument(refusal.Proxy, refusal.Resource, refusal.Message, refusal.At))]);

        public ObjectShare ToShare() => new(Generation, Proxies is not [var selected, var acknowledged, var held] ? ObjectProgress.None : new()
        {
            Proxies = new(selected, acknowledged), Held = held,
            Targets = [.. (Targets ?? []).Select(target => new TargetStatus(target.Target, new(target.Selected, target.Acknowledged)))],
            Refused = [.. (Refused ?? []).Select(refusal => new Refusal(refusal.Proxy, refusal.Resource, refusal.Message, refusal.At))],
        });
    }

    private sealed record TargetDocument(string Target, int Selected, int Acknowledged);

    private sealed record RefusalDocument(string Proxy, string Resource, string Message, DateTimeOffset At);
}

/// <summary>Proxies of which the same is known.</summary>
internal sealed record EvidenceGroup(ProxyMarks Proxies, ProxyEvidence Known);

/// <summary>How far an object, in one generation, has come at the proxies of one replica.</summary>
internal sealed record ObjectShare(long? Generation, ObjectProgress Progress);
