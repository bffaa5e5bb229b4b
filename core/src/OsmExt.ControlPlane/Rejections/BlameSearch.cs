using System.Collections.Immutable;
using OsmExt.Compiler.Contributions;

namespace OsmExt.ControlPlane.Rejections;

/// <summary>
/// Finds which of several contributions a proxy refuses, by leaving some out and seeing what it says. First each of the first few
/// alone, since what is refused changes nothing for anybody; then all, so that the proxy can move on; then they come back one by
/// one. Those of plugins that proxies cannot do without are never left out. A value: every answer gives the next.
/// </summary>
/// <param name="Open">Those that may be left out, the most suspect first.</param>
/// <param name="Closed">Those that may not.</param>
internal sealed record BlameSearch(ImmutableArray<PlacedContribution> Open, ImmutableArray<PlacedContribution> Closed)
{
    private const int MostAlone = 8;
    private int _alone;
    private int _back;
    private ImmutableArray<PlacedContribution> _guilty = [];

    /// <summary>What proxies shall not have while the next answer is awaited.</summary>
    public ImmutableArray<PlacedContribution> LeftOut => _alone < Alone ? [Open[_alone]] : [.. Open[..(Open.Length - _back)], .. _guilty];

    private int Alone => Math.Min(Open.Length, MostAlone);

    /// <summary>What follows from the proxy's answer.</summary>
    public BlameAnswer Answered(bool refused)
    {
        if (_alone < Alone)
        {
            return (refused, Open.Length) switch
            {
                (false, _) => new(null, [Open[_alone]]),
                (true, 1) => InVain(),
                _ => new(this with { _alone = _alone + 1 }, []),
            };
        }

        if (_back == 0)
        {
            return refused ? InVain() : new(this with { _back = 1 }, []);
        }

        // The one that came back last is the one the answer is about.
        var guilty = refused ? _guilty.Add(Open[Open.Length - _back]) : _guilty;
        return _back == Open.Length ? new(null, guilty) : new(this with { _back = _back + 1, _guilty = guilty }, []);
    }

    // Nothing that may be left out is to blame.
    private BlameAnswer InVain() => new(null, Closed);
}

/// <summary>What an answer tells.</summary>
/// <param name="Next">How to go on; null when the search is over.</param>
/// <param name="Guilty">Who is to blame, once it is over; empty when no contribution is.</param>
internal sealed record BlameAnswer(BlameSearch? Next, ImmutableArray<PlacedContribution> Guilty);
