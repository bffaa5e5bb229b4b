using System.Collections.Immutable;
using OsmExt.Identity.Roots;
using OsmExt.Sdk.Ir;

namespace OsmExt.Identity.Tests.Roots;

/// <summary>
/// A mesh whose proxies answer when the test says so, and the control plane that changes its roots. What a proxy was sent may be
/// in force from that moment, and is surely in force when it has acknowledged it.
/// </summary>
internal sealed class RotatingMesh(int proxies)
{
    private readonly ModelProxy[] _proxies = [.. Enumerable.Range(0, proxies).Select(number => new ModelProxy($"shop/pod-{number}"))];

    public RootState State { get; private set; } = RootState.Initial;

    public RootIntent Wanted { get; set; } = new([RootState.Initial.Signing], []);

    public RootDecision Decision { get; private set; } = RootDecision.Done;

    public IReadOnlyList<ModelProxy> Proxies => _proxies;

    public bool IsSettled => State.Signing == Wanted.SigningAfter(State.Signing) && State.Trusted == Wanted.Trusted;

    public void Turn()
    {
        Decision = RootSteps.Next(State, Wanted, [.. _proxies.Select(proxy => proxy.Evidence())]);
        State = Decision.Next ?? State;
    }

    /// <summary>Whoever presents a certificate must be believed by everybody who may verify it, and reach the control plane.</summary>
    public string? Fault()
    {
        var serving = _proxies.Where(proxy => proxy.Presence is not ProxyPresence.Gone).ToArray();
        foreach (var root in serving.SelectMany(proxy => proxy.Certificate.Possible).Distinct())
        {
            if (serving.FirstOrDefault(proxy => proxy.Bundle.Possible.Any(bundle => !bundle.Contains(root))) is { } unbelieving)
            {
                return $"{unbelieving.Name} may not believe {root}, by which somebody may have a certificate";
            }
        }

        var shutOut = _proxies.FirstOrDefault(proxy => !State.XdsTrusted.Contains(proxy.CredentialBy) || !proxy.XdsRoots.Contains(State.XdsServer));
        return shutOut is { } lost
            ? $"{lost.Name} has a credential by {lost.CredentialBy}, believes {string.Join(",", lost.XdsRoots)}, and is shut out by {State}"
            : null;
    }
}

/// <summary>One proxy of the model.</summary>
internal sealed class ModelProxy(string name)
{
    private bool _known;

    public string Name => name;

    public ProxyPresence Presence { get; private set; } = ProxyPresence.Away;

    public Slot<ImmutableHashSet<string>> Bundle { get; private set; } = new();

    public Slot<string> Certificate { get; private set; } = new();

    public string CredentialBy { get; private set; } = RootState.Initial.Signing;

    public ImmutableHashSet<string> XdsRoots { get; private set; } = [.. RootState.Initial.XdsTrusted];

    /// <summary>It may have anything from before until it has acknowledged something on this stream.</summary>
    public ProxyEvidence Evidence() => Presence is not ProxyPresence.Connected ? new(name, Presence)
        : !_known || Bundle.Acknowledged is null || Certificate.Acknowledged is null ? new(name, Presence) { Credentials = [CredentialBy] }
        : new(name, Presence)
        {
            Credentials = [CredentialBy],
            Trusts = Bundle.Possible.Aggregate((all, one) => all.Intersect(one)),
            Presents = [.. Certificate.Possible],
        };

    public void Connect(RootState state, bool renewed, bool arrived)
    {
        if (Presence is ProxyPresence.Gone)
        {
            (Bundle, Certificate) = (new(), new());
        }

        if (renewed)
        {
            (CredentialBy, XdsRoots) = (state.Signing, [.. state.XdsTrusted]);
        }

        // What was on its way when the stream ended may have arrived or not, and nobody will ever say.
        Bundle.Answer(arrived);
        Certificate.Answer(arrived);
        (Presence, _known) = (ProxyPresence.Connected, false);
    }

    public void Leave() => Presence = Presence is ProxyPresence.Connected ? ProxyPresence.Away : Presence;

    /// <summary>Only one that nobody waits for any more, which in the end is restarted.</summary>
    public void Vanish() => Presence = Presence is ProxyPresence.Away ? ProxyPresence.Gone : Presence;

    public void Send(RootState state, bool bundle, bool certificate)
    {
        if (Presence is ProxyPresence.Connected)
        {
            _ = bundle && Bundle.Send([.. state.Trusted], again: !_known);
            _ = certificate && Certificate.Send(state.Signing, again: !_known);
        }
    }

    public void Answer(bool accept)
    {
        if (Presence is ProxyPresence.Connected)
        {
            // Both have to be answered on this stream before what it has is known.
            var answered = Bundle.Answer(accept) & Certificate.Answer(accept);
            _known |= answered && accept;
        }
    }
}

/// <summary>Something that is sent and acknowledged, one at a time.</summary>
internal sealed class Slot<T>
    where T : class
{
    private T? _sent;

    public T? Acknowledged { get; private set; }

    /// <summary>What may be in force.</summary>
    public IEnumerable<T> Possible => new[] { Acknowledged, _sent }.OfType<T>();

    public bool Send(T value, bool again)
    {
        if (_sent is not null || (!again && Equals(Acknowledged, value)))
        {
            return false;
        }

        _sent = value;
        return true;
    }

    /// <summary>Whether there was something to answer.</summary>
    public bool Answer(bool accept)
    {
        if (_sent is null)
        {
            return false;
        }

        (Acknowledged, _sent) = (accept ? _sent : Acknowledged, null);
        return true;
    }
}
