using OsmExt.Envoy;

namespace OsmExt.Xds.Tests.Protocol;

/// <summary>What a <see cref="ReferenceClient"/> knows of one type.</summary>
internal sealed class Known
{
    public bool Begun { get; set; }

    public bool Everything { get; set; }

    public bool OnlyImplied { get; set; }

    public bool EverNamed { get; set; }

    public HashSet<string> Names { get; set; } = [];

    public bool AnswerDue { get; set; }

    public bool WaitingForAll { get; set; }

    public HashSet<string> Waiting { get; } = [];

    /// <summary>The next response may be an answer or not; the model does not know.</summary>
    public bool Loose { get; set; }

    /// <summary>Endpoints that follow a cluster, or come again because a neighbour was refused.</summary>
    public HashSet<string> Owed { get; } = [];

    public Dictionary<string, string> Sent { get; } = [];

    /// <summary>Said to be there when the stream began, and not asked for since.</summary>
    public Dictionary<string, string> Kept { get; set; } = [];

    public Dictionary<string, string> Taken { get; } = [];

    public Dictionary<string, string> Refused { get; } = [];

    public HashSet<(string Name, string Version)> EverRefused { get; } = [];

    public bool CameBack { get; set; }

    /// <summary>
    /// Refused, changed and changed back. While the client was away nobody was there to notice, so it may be taken for
    /// unchanged.
    /// </summary>
    public bool IsDoubtful(XdsResource resource) => CameBack && EverRefused.Contains((resource.Name, resource.Version));

    /// <summary>Refused, so the server cannot know whether the client has it.</summary>
    public HashSet<string> Uncertain { get; } = [];

    public List<XdsResource>? Unanswered { get; set; }

    public bool Covers(string name) => Everything || Names.Contains(name);

    public bool MayRepeat(string name) => WaitingForAll || Loose || Waiting.Contains(name) || Owed.Contains(name);

    /// <summary>A first request without versions of old: nothing is held against this client. Returns whether it is the first.</summary>
    public bool Begin()
    {
        var first = !Begun;
        Begun = true;
        AnswerDue |= first;
        if (first)
        {
            Refused.Clear();
        }

        return first;
    }

    public void Revert(string name)
    {
        if (Taken.TryGetValue(name, out var taken))
        {
            Sent[name] = taken;
        }
        else
        {
            Sent.Remove(name);
        }
    }

    public void ForgetUncovered()
    {
        foreach (var name in Sent.Keys.Concat(Taken.Keys).Concat(Uncertain).Concat(Waiting).Where(n => !Covers(n)).ToList())
        {
            Sent.Remove(name);
            Taken.Remove(name);
            Uncertain.Remove(name);
            Waiting.Remove(name);
        }
    }
}
