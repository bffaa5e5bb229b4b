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

    /// <summary>State of the world: what it took on earlier streams, of which this one was never told and which must not be lost.</summary>
    public Dictionary<string, string> Brought { get; } = [];

    /// <summary>It accepted a response, so that it has a version to name when it comes back.</summary>
    public bool HasHistory { get; set; }

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

    /// <summary>A process of the client's begins that has nothing.</summary>
    public void Restart()
    {
        Taken.Clear();
        Brought.Clear();
        Refused.Clear();
        HasHistory = false;
    }

    /// <summary>The stream is another one, on which nobody knows what was said before.</summary>
    public void BeginStream()
    {
        Owed.Clear();
        Uncertain.Clear();
        Sent.Clear();
        Waiting.Clear();
        Kept = [];
        Unanswered = null;
        CameBack = true;
        WaitingForAll = false;

        // Wanting nothing it says nothing; an empty first request would mean everything.
        Begun &= Everything || Names.Count > 0;
        EverNamed &= Begun;
        AnswerDue = Begun;
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
        foreach (var name in Sent.Keys.Concat(Taken.Keys).Concat(Brought.Keys).Concat(Uncertain).Concat(Waiting).Where(n => !Covers(n)).ToList())
        {
            Sent.Remove(name);
            Taken.Remove(name);
            Brought.Remove(name);
            Uncertain.Remove(name);
            Waiting.Remove(name);
        }
    }
}
