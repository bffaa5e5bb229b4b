using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Translation;

/// <summary>Which objects a resource was made from, in words, so that a proxy's refusal can be laid at somebody's door.</summary>
internal static class Origins
{
    // A route configuration of a large mesh is made from everything; nobody reads a list of that.
    private const int Most = 20;

    // Each scope has a cluster of the same service.
    private static readonly ConditionalWeakTable<MeshService, StrongBox<ImmutableArray<string>>> OfOne = [];

    public static ImmutableArray<string> Of(IEnumerable<MeshService> services)
        => Some(services.Select(service => service.Name).Select(KeyOf));

    public static ImmutableArray<string> Of(MeshService service) => OfOne.GetValue(service, static service => new([KeyOf(service.Name).ToString()])).Value;

    /// <summary>Services and the rules that let callers in to them.</summary>
    public static ImmutableArray<string> Of(IEnumerable<MeshService> services, InboundPolicy policy)
        => Some(services.Select(service => KeyOf(service.Name))
            .Concat(policy.HttpRules.SelectMany(rule => rule.Origins))
            .Concat(policy.TcpRules.SelectMany(rule => rule.Origins)));

    public static ImmutableArray<string> MeshConfig { get; } = [$"{nameof(Sdk.Resources.MeshConfig)} {Sdk.Resources.MeshConfig.WellKnownName}"];

    private static ImmutableArray<string> Some(IEnumerable<ResourceKey> keys)
    {
        var all = keys.Distinct().Take(Most + 1).Select(key => key.ToString()).ToArray();
        return all.Length <= Most ? [.. all] : [.. all[..Most], "and others"];
    }

    private static ResourceKey KeyOf(ServiceName service) => new(nameof(Service), service.Namespace, service.Name);
}
