using System.Collections.Immutable;
using OsmExt.Compiler.Policy.Incremental;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// What compiling worked out on its way, each piece with all that it was made from, so that the next compilation works out only what has other inputs. It is a value:
/// compiling reads one and gives another.
/// </summary>
internal sealed record PolicyMemo(
    Mesh Mesh,
    ImmutableArray<(string Namespace, NamespacePolicy Policy)> Namespaces,
    Remembered<PolicyMemo.AddressInput, PolicyMemo.Addresses> Claims,
    Remembered<Retries.Input, Retries> Retries,
    Remembered<PolicyMemo.CallersInput, MeshCallers> Callers)
{
    /// <summary>What was made of a namespace.</summary>
    public Dictionary<string, NamespacePolicy> ByName() => Namespaces.ToDictionary(entry => entry.Namespace, entry => entry.Policy, StringComparer.Ordinal);

    /// <summary>The services of all namespaces, in order, and the objects they come from.</summary>
    internal readonly record struct AddressInput(EquatableArray<MeshService[]> Services, EquatableArray<Service[]> Claims);

    /// <summary>Who has to give up addresses to others.</summary>
    /// <param name="Losses">By namespace.</param>
    /// <param name="Findings">What is wrong.</param>
    internal sealed record Addresses(IReadOnlyDictionary<string, EquatableArray<AddressLoss>> Losses, Diagnostic[] Findings)
    {
        public static Addresses Of(AddressInput input, Addresses? before)
            => new(TcpAddressClaims.Losses(input.Services), SharedAddresses.Of(input.Claims) is var found && before is not null && found.AsSpan().SequenceEqual(before.Findings) ? before.Findings : found);
    }

    /// <summary>Whom of each namespace who may reach, namespaces in order.</summary>
    internal readonly record struct CallersInput(EquatableArray<CallersOf> Namespaces);
}
