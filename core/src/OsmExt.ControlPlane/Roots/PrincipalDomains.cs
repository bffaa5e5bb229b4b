using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;
using OsmExt.Sdk.Identity;

namespace OsmExt.ControlPlane.Roots;

/// <summary>
/// In which trust domains a resource knows the identities it names, read from the resource itself, wherever in it they stand. A
/// domain counts only when every identity is named in it: what is left out somewhere would be refused there.
/// </summary>
internal sealed class PrincipalDomains
{
    // Replicas share their resources, so each is read once, and forgotten with the resource.
    private readonly ConditionalWeakTable<XdsResource, Answer> _read = [];

    /// <summary>Null when it names nobody.</summary>
    public ImmutableHashSet<string>? Of(XdsResource resource)
        => _read.GetValue(resource, static resource => new(Read(resource))).Domains;

    private static ImmutableHashSet<string>? Read(XdsResource resource)
    {
        // Most resources name nobody, and need not be taken apart to see that.
        if (resource.Value.Span.IndexOf("spiffe://"u8) < 0)
        {
            return null;
        }

        var named = new HashSet<WorkloadIdentity>();
        Collect(resource.Message, named);
        return named.GroupBy(identity => identity.In("")).Select(names => names.Select(identity => identity.TrustDomain).ToImmutableHashSet(StringComparer.Ordinal))
            .Aggregate((ImmutableHashSet<string>?)null, (all, one) => all?.Intersect(one) ?? one);
    }

    private static void Collect(IMessage message, HashSet<WorkloadIdentity> named)
    {
        if (message is Any any)
        {
            if (any.Value.Span.IndexOf("spiffe://"u8) >= 0 && EnvoyTypes.Unpack(any) is { } content)
            {
                Collect(content, named);
            }

            return;
        }

        foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(field => field.FieldType is FieldType.Message or FieldType.String))
        {
            foreach (var value in Values(field.Accessor.GetValue(message)))
            {
                switch (value)
                {
                    case string text when WorkloadIdentity.TryParse(text, out var identity):
                        named.Add(identity);
                        break;
                    case IMessage inner:
                        Collect(inner, named);
                        break;
                }
            }
        }
    }

    private static IEnumerable Values(object? value) => value switch
    {
        IDictionary map => map.Values,
        IList list => list,
        _ => new[] { value },
    };

    private sealed record Answer(ImmutableHashSet<string>? Domains);
}
