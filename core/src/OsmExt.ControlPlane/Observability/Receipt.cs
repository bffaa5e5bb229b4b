using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Observability;

/// <summary>Whether a sidecar has a revision, and if not, why.</summary>
internal enum ReceiptState
{
    /// <summary>It has acknowledged all that the revision and those before mean for it.</summary>
    Has,

    /// <summary>It is connected and has not acknowledged all of it.</summary>
    Slow,

    /// <summary>It refuses something of what it is to have.</summary>
    Rejected,

    /// <summary>It is not connected.</summary>
    Disconnected,

    /// <summary>It could not be configured, by a failure of the control plane or a plugin, and keeps what it has.</summary>
    Held,
}

/// <summary>How far a sidecar is with a revision.</summary>
/// <param name="Proxy">Its pod, as <c>NAMESPACE/NAME</c>.</param>
/// <param name="State">Whether it has it.</param>
/// <param name="Detail">Why not, for people.</param>
/// <param name="Revision">The oldest revision it does not have; null when that is not known.</param>
/// <param name="Since">Since when; null when that is not known.</param>
internal sealed record ProxyReceipt(string Proxy, ReceiptState State, string Detail = "", long? Revision = null, DateTimeOffset? Since = null);

/// <summary>Who has a revision and who lags, at one moment.</summary>
/// <param name="Revision">The revision that is asked about; null while the control plane has not read the objects that are asked about.</param>
/// <param name="Newest">The newest revision.</param>
/// <param name="IsPublished">Whether what the revision means for sidecars has been worked out.</param>
internal sealed record Receipt(long? Revision, long Newest, bool IsPublished)
{
    /// <summary>Every sidecar the mesh should have, by name.</summary>
    public IReadOnlyList<ProxyReceipt> Proxies { get; init; } = [];

    /// <summary>Objects that are asked about and are not as they should be in what has been read.</summary>
    public IReadOnlyList<ResourceKey> Missing { get; init; } = [];

    /// <summary>What is wrong with the objects that are asked about.</summary>
    public IReadOnlyList<Diagnostic> Findings { get; init; } = [];

    /// <summary>How many sidecars have it.</summary>
    public int Have => Proxies.Count(static proxy => proxy.State == ReceiptState.Has);

    /// <summary>Whether so large a part of the sidecars has it. A mesh without sidecars has all it needs.</summary>
    public bool Reaches(double share) => IsPublished && IsPart(Have, Proxies.Count, share);

    /// <summary>Whether so many are so large a part of all: 7 of 100 are 7 %, whatever is lost in between.</summary>
    public static bool IsPart(int some, int all, double share) => some >= (share * all) - 1e-6;
}
