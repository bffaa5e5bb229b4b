using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost;

/// <summary>The Secrets that what is contributed to one scope asks for.</summary>
internal sealed class SecretChoice
{
    private readonly Dictionary<SecretReference, ContributedSecret> _found = [];

    public SecretChoice(ResourceSnapshot snapshot, IEnumerable<PlacedContribution> placed)
    {
        var lacking = new List<LackingSecret>();
        foreach (var item in placed.Where(item => !item.References.IsEmpty))
        {
            foreach (var reference in item.References)
            {
                var (secret, problem, advice) = ContributedSecret.Find(reference, snapshot);
                if (secret is not null)
                {
                    _found[reference] = secret;
                    continue;
                }

                lacking.Add(new(item, problem, advice));
                break;
            }
        }

        Lacking = lacking;
    }

    /// <summary>What cannot be used, since a Secret is missing or wrong.</summary>
    public IReadOnlyList<LackingSecret> Lacking { get; }

    /// <summary>The Secrets of what is left.</summary>
    public EquatableArray<ContributedSecret> Of(IEnumerable<PlacedContribution> items)
        => [.. items.SelectMany(item => item.References).Distinct().OrderBy(reference => reference.ResourceName, StringComparer.Ordinal).Select(reference => _found[reference])];
}

/// <summary>A contribution without a Secret that it needs.</summary>
internal sealed record LackingSecret(PlacedContribution Item, string Problem, string Advice)
{
    public Diagnostic Finding(ProxyScope scope, bool closed) => new(DiagnosticCodes.SecretNotUsable, Severity.Error, Item.Subject, "",
        $"Plugin {Item.Plugin}, {Item.Slot.Name}, for {scope.Identity}: {Problem}", $"{Advice}; until then {(closed ? "these proxies keep what they have" : "it is left out")}");
}
