using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;

namespace OsmExt.Envoy;

/// <summary>
/// Packed messages that stand in very many others, as the same object. Each is checked once, and looked into once; a message that
/// breaks a rule is not shared, so that whoever holds it hears of it.
/// </summary>
internal static class SharedAny
{
    private static readonly ConditionalWeakTable<Any, object> Sound = [];

    /// <param name="any">The message; it must not change afterwards.</param>
    public static Any Of(Any any)
    {
        var types = TypeUrlUse.In(any);
        if (EnvoyRules.Check(any).Count == 0)
        {
            Sound.AddOrUpdate(any, types.ToImmutableArray());
        }

        return any;
    }

    /// <summary>Whether the message was found to keep all rules, and the types packed in it.</summary>
    public static bool TryGet(Any any, out ImmutableArray<string> types)
    {
        var known = Sound.TryGetValue(any, out var found);
        types = known ? (ImmutableArray<string>)found! : [];
        return known;
    }
}
