using OsmExt.Fleet.Reports;

namespace OsmExt.Fleet.Running;

/// <summary>Compares three things for each proxy by their digests: what it holds, what was published for it, and a translation made from nothing but the objects.</summary>
internal static class FinalComparison
{
    private const int AtOnce = 500;
    private const int Shown = 3;

    public static async Task<Comparison> OfAsync(MeasuredPlane plane, ProxyProcesses proxies, List<string> faults)
    {
        var held = await proxies.DigestsAsync().ConfigureAwait(false);
        var (equal, shown) = (0, 0);
        foreach (var pods in held.Keys.Order(StringComparer.Ordinal).Chunk(AtOnce))
        {
            var expected = await plane.ExpectedAsync(pods).ConfigureAwait(false);
            foreach (var pod in pods)
            {
                if (expected.GetValueOrDefault(pod) is { } right && right.Fresh == right.Published && right.Fresh == held[pod])
                {
                    equal++;
                }
                else if (shown++ < Shown)
                {
                    faults.Add(await DifferenceAsync(pod, expected.GetValueOrDefault(pod), plane, proxies).ConfigureAwait(false));
                }
            }
        }

        if (equal < held.Count)
        {
            faults.Add($"{held.Count - equal} of {held.Count} proxies do not have the configuration they should have");
        }

        return new(held.Count, equal);
    }

    private static async Task<string> DifferenceAsync(string pod, Plane.Expected? expected, MeasuredPlane plane, ProxyProcesses proxies)
    {
        if (expected is null)
        {
            return $"{pod} is not connected";
        }

        var (right, held) = (await plane.HoldingsAsync(pod).ConfigureAwait(false), await proxies.HoldingsAsync(pod).ConfigureAwait(false));
        var lines = right.Except(held, StringComparer.Ordinal).Select(line => $"\n  misses {line}").Concat(held.Except(right, StringComparer.Ordinal).Select(line => $"\n  has    {line}"));
        return $"{pod}: {(expected.Fresh == expected.Published ? "it holds something else than was published" : "what was published differs from a fresh translation")}{string.Concat(lines.Take(10))}";
    }
}
