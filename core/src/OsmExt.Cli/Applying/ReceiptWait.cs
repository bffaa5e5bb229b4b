using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Cli.Clusters;
using OsmExt.ControlPlane.Observability;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Applying;

/// <summary>Asks every replica of a control plane who has objects, until enough have them or the time is over.</summary>
internal sealed class ReceiptWait(RunningMesh mesh, TimeProvider time)
{
    private const int MostGone = 200;

    // One replica is asked to wait; of several nobody knows when they have enough together.
    private static readonly TimeSpan RoundOfOne = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RoundOfSeveral = TimeSpan.FromMilliseconds(250);

    /// <summary>What the replicas say together, as the control plane says it for one.</summary>
    public async Task<JsonObject> RunAsync(Func<CancellationToken, Task<string>> content, IReadOnlyList<ResourceKey> gone, double share, TimeSpan within, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var text = await content(cancellation).ConfigureAwait(false);
        while (true)
        {
            var left = within - time.GetElapsedTime(start);
            var round = mesh.Replicas.Count == 1 ? RoundOfOne : RoundOfSeveral;
            var receipts = await Task.WhenAll(mesh.Replicas.Select(replica => AskAsync(replica, text, gone, share, left < round ? left : round, cancellation))).ConfigureAwait(false);
            var merged = Merge(receipts, share);
            if ((bool)merged["reached"]! || time.GetElapsedTime(start) >= within)
            {
                merged["seconds"] = Math.Round(time.GetElapsedTime(start).TotalSeconds, 3);
                return merged;
            }

            // What the control plane does not have may have changed again where it reads it.
            text = merged["missing"]!.AsArray().Count > 0 ? await content(cancellation).ConfigureAwait(false) : text;
        }
    }

    /// <summary>Whether manifests can be read by the control plane, plugins' kinds among them; asked before anything is changed.</summary>
    public async Task CheckAsync(string content, CancellationToken cancellation) => await AskAsync(mesh.Replicas[0], content, [], 0, TimeSpan.Zero, cancellation).ConfigureAwait(false);

    /// <summary>
    /// A sidecar is what the replica it is connected to says of it. While it changes from one to the other, the worse of the two counts. What one replica has not
    /// read is not in force.
    /// </summary>
    public static JsonObject Merge(IReadOnlyList<JsonObject> receipts, double share)
    {
        var (has, lagging) = (new SortedSet<string>(StringComparer.Ordinal), new SortedDictionary<string, JsonNode>(StringComparer.Ordinal));
        foreach (var name in receipts.SelectMany(receipt => receipt["has"]!.AsArray()))
        {
            has.Add($"{name}");
        }

        foreach (var lag in receipts.SelectMany(receipt => receipt["lagging"]!.AsArray()).OrderBy(lag => $"{lag!["reason"]}" == "disconnected" ? 0 : 1))
        {
            if ($"{lag!["reason"]}" != "disconnected" || !has.Contains($"{lag["proxy"]}"))
            {
                lagging[$"{lag["proxy"]}"] = lag;
            }
        }

        has.ExceptWith(lagging.Keys);
        var total = has.Count + lagging.Count;
        var isPublished = receipts.All(receipt => (bool)receipt["published"]!);
        return new()
        {
            ["revision"] = receipts[0]["revision"]?.DeepClone(),
            ["share"] = share,
            ["reached"] = isPublished && Receipt.IsPart(has.Count, total, share),
            ["proxies"] = total,
            ["have"] = has.Count,
            ["has"] = new JsonArray([.. has.Select(name => (JsonNode)name)]),
            ["lagging"] = new JsonArray([.. lagging.Values.Select(lag => lag.DeepClone())]),
            ["missing"] = new JsonArray([.. receipts.SelectMany(receipt => receipt["missing"]!.AsArray()).Select(key => $"{key}").Distinct().Order(StringComparer.Ordinal).Select(key => (JsonNode)key)]),
            ["findings"] = new JsonArray([.. receipts.SelectMany(receipt => receipt["findings"]!.AsArray()).DistinctBy(finding => finding!.ToJsonString()).Select(finding => finding!.DeepClone())]),
        };
    }

    private static async Task<JsonObject> AskAsync((string Name, HttpClient Debug) replica, string text, IReadOnlyList<ResourceKey> gone, double share, TimeSpan within, CancellationToken cancellation)
    {
        var absent = string.Concat(gone.Take(MostGone).Select(key => $"&absent={Uri.EscapeDataString($"{key.Kind}/{key.Namespace}/{key.Name}")}"));
        var seconds = within > TimeSpan.Zero ? within.TotalSeconds : 0;
        var page = string.Create(CultureInfo.InvariantCulture, $"receipts?share={share}&within={seconds:0.###}{absent}");
        var (status, answer) = await RunningMesh.PostAsync(replica, page, new StringContent(text, Encoding.UTF8, "application/json"), cancellation).ConfigureAwait(false);
        return status switch
        {
            HttpStatusCode.OK => JsonNode.Parse(answer)!.AsObject(),
            HttpStatusCode.UnprocessableEntity => throw new CommandException(
                $"the control plane cannot use these; nothing was applied\n  {string.Join("\n  ", JsonNode.Parse(answer)!["problems"]!.AsArray().Select(Sentence))}", ExitCode.UnusableInput),
            _ => throw new CommandException($"{replica.Name} gives no receipt ({(int)status}): {answer.Trim()}"),
        };
    }

    /// <summary>A finding as people read it.</summary>
    public static string Sentence(JsonNode? finding) => $"{finding!["severity"]} {finding["code"]} {finding["object"]} {finding["field"]}: {finding["message"]}. {finding["advice"]}.";
}
