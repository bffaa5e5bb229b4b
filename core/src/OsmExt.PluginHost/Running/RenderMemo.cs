using Google.Protobuf;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Running;

/// <summary>What was made of a plugin's contributions, so that only what differs is rendered again. Forgets what a round does not ask for.</summary>
internal sealed class RenderMemo
{
    private readonly Lock _lock = new();
    private Dictionary<(Contribution, ProxyScope?), Rendered> _known = [];
    private Dictionary<(Contribution, ProxyScope?), Rendered> _used = [];

    /// <summary>How many were made, over all time.</summary>
    public long Made { get; private set; }

    /// <summary>How many contributions there are now that can be used, and how large what they became is.</summary>
    public (int Contributions, long Bytes) Current
    {
        get
        {
            lock (_lock)
            {
                var usable = _used.Where(entry => entry.Value.Message is not null).ToArray();
                return (usable.DistinctBy(entry => entry.Key.Item1).Count(), usable.Sum(entry => (long)entry.Value.Message!.CalculateSize()));
            }
        }
    }

    public void Begin()
    {
        lock (_lock)
        {
            // What took too long once is tried again.
            (_known, _used) = (_used.Where(entry => !entry.Value.IsLate).ToDictionary(), []);
        }
    }

    public Rendered Get(Contribution contribution, ProxyScope? proxy, Func<Rendered> make)
    {
        lock (_lock)
        {
            if (!_used.TryGetValue((contribution, proxy), out var rendered) && !_known.TryGetValue((contribution, proxy), out rendered))
            {
                rendered = make();
                Made++;
            }

            _used[(contribution, proxy)] = rendered;
            return rendered;
        }
    }
}

/// <summary>What a contribution became.</summary>
/// <param name="Message">The configuration; null when it cannot be used.</param>
/// <param name="Problems">Why not.</param>
internal sealed record Rendered(IMessage? Message, IReadOnlyList<Diagnostic> Problems)
{
    /// <summary>It took too long to be made.</summary>
    public bool IsLate { get; init; }

    /// <summary>Whether there is nothing to contribute, and nothing wrong with that.</summary>
    public bool IsNothing => Message is null && Problems.Count == 0;
}
