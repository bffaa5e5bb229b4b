using Envoy.Config.Listener.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// Filter chains that plugins bring for connections to the pod, beside those of the mesh. In a chain that is for a service stands what
/// all plugins contribute to traffic to that service, as it does in the mesh's own: who guards or observes a service does so on every way
/// in.
/// </summary>
internal static class InboundChains
{
    public static IEnumerable<FilterChain> Of(ScopeView view, List<Diagnostic> findings)
    {
        var matches = new ChainMatches();
        foreach (var (item, service) in Placed(view))
        {
            var chain = (FilterChain)ContributedResources.Marked(item, view);
            if (matches.Claim(chain) is { } owner)
            {
                findings.Add(new(DiagnosticCodes.ContributionConflict, Severity.Warning, item.Subject, "",
                    $"For {view.Scope.Identity} connections that {chain.Name} is for are {owner}'s, so it is left out", "Remove one of them, or let them differ in port, source or server names"));
                continue;
            }

            if (IsHttp(chain) && !InboundAuthorization.IsCarriedOut(view, service))
            {
                findings.Add(new(DiagnosticCodes.AdmitsNobody, Severity.Error, item.Subject, "",
                    $"External authorization is on and nobody asks the authorization server about requests that come in through {chain.Name} to {view.Scope.Identity}, so it is left out",
                    "Install the plugin external-auth, or turn inboundExternalAuthorization off"));
                continue;
            }

            yield return Completed(chain, item, view, service);
        }
    }

    private static IEnumerable<(PlacedContribution Item, MeshService? Service)> Placed(ScopeView view)
        => InboundListener.Accepting(view).Append(null)
            .SelectMany(service => view.Contributions.At(ContributionPoint.FilterChain, Direction.Inbound, service).Select(item => (item, item.Target.Service is null ? null : service)))
            .DistinctBy(entry => ContributedResources.NameOf(entry.item.Message)).OrderBy(entry => entry.item.Rank);

    private static bool IsHttp(FilterChain chain) => chain.Filters is [.., { TypedConfig: { } last }] && last.Is(Connection.Descriptor);

    // A connection that comes in from outside the mesh passes a chain of one plugin, and is observed by all.
    private static FilterChain Completed(FilterChain chain, PlacedContribution item, ScopeView view, MeshService? service)
    {
        var network = service is null ? [] : view.Contributions.At(ContributionPoint.NetworkFilter, Direction.Inbound, service);
        var objects = item.Objects.Concat(FilterOrder.ObjectsOf([network]));
        Filter[] own = [.. chain.Filters];
        if (own is [.., { } last] && last.TypedConfig?.TryUnpack(out Connection connection) == true)
        {
            HttpConnections.Contribute(connection, view, service);
            last.TypedConfig = Protos.Pack(connection);
            objects = objects.Concat(HttpConnections.ContributedFromOutside(view, service));
        }

        chain.Filters.Clear();
        chain.Filters.AddRange(FilterOrder.Network(own.Select((filter, index) => (index == own.Length - 1 ? FilterStage.Terminal : FilterStage.Authorization, filter)), network));
        chain.Metadata = Provenance.Merge(chain.Metadata, Provenance.Of(objects));
        Generation.Mark(chain, view.Contributions);
        return chain;
    }
}
