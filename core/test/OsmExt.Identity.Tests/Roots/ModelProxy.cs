using System.Collections.Immutable;
using OsmExt.Identity.Roots;

namespace OsmExt.Identity.Tests.Roots;

/// <summary>What a proxy may be sent, each of which it answers by itself.</summary>
[Flags]
internal enum Part
{
    Bundle = 1,
    Certificate = 2,
    Names = 4,
    Clusters = 8,
    Everything = Bundle | Certificate | Names | Clusters,
}

/// <summary>A certificate of the model.</summary>
internal sealed record Issued(string Root, string Domain);

/// <summary>One proxy of the model.</summary>
internal sealed class ModelProxy(string name)
{
    private static readonly RootState Start = RootState.Initial(RotatingMesh.Home);
    private Issued _credential = new(Start.Signing, Start.Domains.Issuing);
    private ImmutableHashSet<string> _xdsRoots = [.. Start.XdsTrusted];
    private ImmutableHashSet<string> _xdsNames = [.. Start.Domains.XdsAccepted];

    public string Name => name;

    public ProxyPresence Presence { get; private set; } = ProxyPresence.Away;

    public Slot<ImmutableHashSet<string>> Bundle { get; private set; } = new();

    public Slot<Issued> Certificate { get; private set; } = new();

    /// <summary>The trust domains in which it accepts identities.</summary>
    public Slot<ImmutableHashSet<string>> Names { get; private set; } = new();

    /// <summary>The mark of its clusters.</summary>
    public Slot<string> Clusters { get; private set; } = new();

    /// <summary>The trust domains in which it may have connections open.</summary>
    public ImmutableHashSet<string> ConnectionsIn { get; private set; } = [];

    /// <summary>It may have anything from before until it has acknowledged everything on this stream.</summary>
    public ProxyEvidence Evidence()
    {
        var evidence = new ProxyEvidence(name, Presence);
        return Presence is not ProxyPresence.Connected ? evidence
            : !(Bundle.IsKnown && Certificate.IsKnown && Names.IsKnown && Clusters.IsKnown)
                ? evidence with { Credentials = [_credential.Root], CredentialsIn = [_credential.Domain] }
            : evidence with
            {
                Credentials = [_credential.Root],
                CredentialsIn = [_credential.Domain],
                Trusts = Bundle.Possible.Aggregate((all, one) => all.Intersect(one)),
                Presents = [.. Certificate.Possible.Select(certificate => certificate.Root)],
                Accepts = Names.Possible.Aggregate((all, one) => all.Intersect(one)),
                PresentsIn = [.. Certificate.Possible.Select(certificate => certificate.Domain)],
                ConnectionsAfter = [.. Clusters.Possible.Select(int.Parse)],
            };
    }

    public string? ShutOutBy(RootState state)
        => state.XdsTrusted.Contains(_credential.Root) && _xdsRoots.Contains(state.XdsServer)
            && state.Domains.XdsAccepted.Contains(_credential.Domain) && _xdsNames.Contains(state.Domains.XdsServer)
            ? null
            : $"{name} has {_credential}, believes {string.Join(",", _xdsRoots)} and {string.Join(",", _xdsNames)}, and is shut out by {state}";

    public void Connect(RootState state, bool renewed, bool arrived)
    {
        if (Presence is ProxyPresence.Gone)
        {
            (Bundle, Certificate, Names, Clusters, ConnectionsIn) = (new(), new(), new(), new(), []);
        }

        if (renewed)
        {
            _credential = new(state.Signing, state.Domains.Issuing);
            (_xdsRoots, _xdsNames) = ([.. state.XdsTrusted], [.. state.Domains.XdsAccepted]);
        }

        // What was on its way when the stream ended may have arrived or not, and nobody will ever say.
        AnswerAll(arrived);
        Presence = ProxyPresence.Connected;
        Bundle.Forget();
        Certificate.Forget();
        Names.Forget();
        Clusters.Forget();
    }

    public void Leave() => Presence = Presence is ProxyPresence.Connected ? ProxyPresence.Away : Presence;

    /// <summary>Only one that nobody waits for any more, which in the end is restarted.</summary>
    public void Vanish() => Presence = Presence is ProxyPresence.Away ? ProxyPresence.Gone : Presence;

    public void Send(RootState state, Part parts)
    {
        if (Presence is not ProxyPresence.Connected)
        {
            return;
        }

        _ = parts.HasFlag(Part.Bundle) && Bundle.Send([.. state.Trusted], (before, now) => before.SetEquals(now));
        _ = parts.HasFlag(Part.Certificate) && Certificate.Send(new(state.Signing, state.Domains.Issuing), Equals);
        _ = parts.HasFlag(Part.Names) && Names.Send([.. state.Domains.Accepted], (before, now) => before.SetEquals(now));
        _ = parts.HasFlag(Part.Clusters) && Clusters.Send($"{state.Domains.ConnectionsAfter}", Equals);

        // With a certificate it may have, it may open connections at any time.
        ConnectionsIn = ConnectionsIn.Union(Certificate.Possible.Select(certificate => certificate.Domain));
    }

    public void Answer(bool accept)
    {
        if (Presence is ProxyPresence.Connected)
        {
            AnswerAll(accept);
        }
    }

    private void AnswerAll(bool accept)
    {
        var before = Clusters.Acknowledged;
        Bundle.Answer(accept);
        Certificate.Answer(accept);
        Names.Answer(accept);
        Clusters.Answer(accept);

        // Clusters that differ are made anew, and connections with them.
        if (Clusters.Acknowledged != before)
        {
            ConnectionsIn = [.. Certificate.Possible.Select(certificate => certificate.Domain)];
        }
    }
}

/// <summary>Something that is sent and acknowledged, one at a time.</summary>
internal sealed class Slot<T>
    where T : class
{
    private T? _sent;

    public T? Acknowledged { get; private set; }

    /// <summary>Whether something was acknowledged on this stream.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>What may be in force.</summary>
    public IEnumerable<T> Possible => new[] { Acknowledged, _sent }.OfType<T>();

    public void Forget() => IsKnown = false;

    public bool Send(T value, Func<T, T, bool> equal)
    {
        if (_sent is not null || (IsKnown && Acknowledged is not null && equal(Acknowledged, value)))
        {
            return false;
        }

        _sent = value;
        return true;
    }

    public void Answer(bool accept)
    {
        if (_sent is not null)
        {
            (Acknowledged, IsKnown, _sent) = (accept ? _sent : Acknowledged, IsKnown || accept, null);
        }
    }
}
