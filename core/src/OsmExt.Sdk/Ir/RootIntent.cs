using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Ir;

/// <summary>
/// Which roots the mesh shall have, by the names of their objects. It is what the user wants in the end, not what may be done at
/// once: getting there goes in steps, each of which waits until it is safe.
/// </summary>
/// <param name="Active">One of these signs; sorted, never empty. With two, the one that signs goes on.</param>
/// <param name="Passive">These are believed, too; sorted.</param>
public sealed record RootIntent(EquatableArray<string> Active, EquatableArray<string> Passive)
{
    /// <summary>All that shall be believed, sorted.</summary>
    public EquatableArray<string> Trusted => [.. Active.Concat(Passive).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Which one shall sign.</summary>
    /// <param name="current">The one that does now.</param>
    public string SigningAfter(string current) => Active.Contains(current) ? current : Active[0];
}
