using System.Collections.Immutable;

namespace OsmExt.Identity.Roots;

/// <summary>Whether a proxy of the mesh is there.</summary>
internal enum ProxyPresence
{
    /// <summary>It has a stream.</summary>
    Connected,

    /// <summary>It had one a moment ago, or may have had one before the control plane started: it is taken to be on its way back.</summary>
    Away,

    /// <summary>It has had none for a while.</summary>
    Gone,
}

/// <summary>What is known for certain of one proxy, from what it has acknowledged and not from what it was sent.</summary>
/// <param name="Proxy">Its pod, as <c>NAMESPACE/NAME</c>.</param>
/// <param name="Presence">Whether it is there.</param>
internal sealed record ProxyEvidence(string Proxy, ProxyPresence Presence)
{
    /// <summary>The roots whose certificates it surely believes, wherever it verifies one. Null: all, since it verifies none.</summary>
    public ImmutableHashSet<string>? Trusts { get; init; } = [];

    /// <summary>The roots whose certificates it may present to others. Null: any.</summary>
    public ImmutableHashSet<string>? Presents { get; init; }

    /// <summary>The roots that issued what it presents to the control plane. Null: any.</summary>
    public ImmutableHashSet<string>? Credentials { get; init; }

    /// <summary>The trust domains whose identities it surely accepts, wherever it names one. Null: all, since it names none.</summary>
    public ImmutableHashSet<string>? Accepts { get; init; } = [];

    /// <summary>The trust domains of what it may present to others when a connection is opened. Null: any.</summary>
    public ImmutableHashSet<string>? PresentsIn { get; init; }

    /// <summary>After which changes of the trust domain connections that it opened may have been opened. Null: any.</summary>
    public ImmutableHashSet<int>? ConnectionsAfter { get; init; }

    /// <summary>The trust domains of what it presents to the control plane. Null: any.</summary>
    public ImmutableHashSet<string>? CredentialsIn { get; init; }

    public bool AcceptsIdentitiesOf(string domain) => Accepts?.Contains(domain) != false;

    /// <summary>Whether all it may present to others when a connection is opened is of that trust domain.</summary>
    public bool PresentsOnlyIn(string domain) => PresentsIn?.All(one => one == domain) == true;

    /// <summary>Whether it has surely opened all its connections anew after that change of the trust domain.</summary>
    public bool ConnectsOnlyAfter(int change) => ConnectionsAfter?.All(one => one == change) == true;

    public bool MayHaveCredentialIn(string domain) => CredentialsIn?.Contains(domain) != false;

    /// <summary>Whether its credential towards the control plane, and with it the name it knows that by, are surely of that domain.</summary>
    public bool HasCredentialIn(string domain) => CredentialsIn is { Count: 1 } && CredentialsIn.Contains(domain);

    public bool Believes(string root) => Trusts?.Contains(root) != false;

    public bool MayPresent(string root) => Presents?.Contains(root) != false;

    public bool MayHaveCredentialBy(string root) => Credentials?.Contains(root) != false;

    /// <summary>Whether its credential towards the control plane, and with it the roots beside it, are surely by that root.</summary>
    public bool HasCredentialBy(string root) => Credentials is { Count: 1 } && Credentials.Contains(root);
}
