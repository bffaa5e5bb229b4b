using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Contributions;

/// <summary>What must not be put into proxies' configuration, because Envoy refused it there. A value: what changes makes another.</summary>
/// <param name="Entries">In the order in which they were made.</param>
internal sealed record Quarantine(EquatableArray<QuarantineEntry> Entries)
{
    public static Quarantine None { get; } = new([]);

    /// <summary>The entries that concern proxies with these contributions.</summary>
    public IReadOnlyList<QuarantineEntry> For(ProxyScope scope, IEnumerable<PlacedContribution> contributions)
    {
        if (Entries.IsEmpty)
        {
            return [];
        }

        var present = contributions.Select(item => item.Content).ToHashSet(StringComparer.Ordinal);
        return [.. Entries.Where(entry => entry.Concerns(scope) && entry.Contents.All(present.Contains))];
    }
}

/// <summary>
/// Contributions that Envoy refused, by their content, so that a changed one is no longer meant. Several are meant together when
/// only one of them can be to blame and none may be left out to see which.
/// </summary>
/// <param name="Contents">What they hold, as <see cref="PlacedContribution.Content"/> says it.</param>
/// <param name="Build">Proxies that offer just this are meant: they would refuse it, too.</param>
/// <param name="Refusal">What Envoy said.</param>
internal sealed record QuarantineEntry(EquatableArray<string> Contents, ProxyCapabilities Build, Refusal Refusal)
{
    /// <summary>Where only these proxies are meant, since others take it.</summary>
    public ProxyScope? Scope { get; init; }

    /// <summary>Whether it is left out only to see whether Envoy takes the rest.</summary>
    public bool IsTrial { get; init; }

    public bool Concerns(ProxyScope scope) => Scope is null ? Build.Equals(scope.Capabilities) : Scope.Equals(scope);
}

/// <summary>A version of a resource that a proxy did not take.</summary>
/// <param name="Proxy">The proxy.</param>
/// <param name="Resource">Kind and name of the resource.</param>
/// <param name="Message">What the proxy said.</param>
/// <param name="At">When.</param>
internal sealed record Refusal(string Proxy, string Resource, string Message, DateTimeOffset At);
