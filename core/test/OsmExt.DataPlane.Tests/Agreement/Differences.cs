using OsmExt.Simulation.Tests.Agreement;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>Where data plane and Envoy differ, held against the list of what may differ and why.</summary>
internal sealed class Differences
{
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly List<string> _unexpected = [];
    private readonly List<string> _letIn = [];

    public string Summary => _known.Count == 0 ? "no difference" : string.Join(", ", _known.Select(entry => $"{entry.Value} {entry.Key}"));

    public void Add(string what, RawRequest request, RawAnswer expected, RawAnswer got)
    {
        if (expected == got)
        {
            return;
        }

        var said = $"{what}: expected {expected}, got {got}";
        if (IsLetIn(got) && !IsLetIn(expected))
        {
            _letIn.Add(said);
        }
        else if (RequestDifferences.Named(request, expected, got) is { } known)
        {
            _known[known] = _known.GetValueOrDefault(known) + 1;
        }
        else
        {
            _unexpected.Add(said);
        }
    }

    public void AssertNoneUnexpected()
    {
        Assert.True(_letIn.Count == 0, $"{_letIn.Count} let in that Envoy refuses:\n{string.Join('\n', _letIn.Take(200))}");
        Assert.True(_unexpected.Count == 0, $"{_unexpected.Count} differences:\n{string.Join('\n', _unexpected.Take(200))}");
    }

    private static bool IsLetIn(RawAnswer answer) => answer.Status is >= 200 and < 300 && answer.Grpc is "" or "0";
}
