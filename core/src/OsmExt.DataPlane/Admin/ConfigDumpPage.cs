using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Envoy.Admin.V3;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.DataPlane.Discovery;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Admin;

/// <summary>What a sidecar has, in the shape of Envoy's <c>/config_dump</c>. Secrets are redacted.</summary>
internal static class ConfigDumpPage
{
    /// <param name="state">The sidecar.</param>
    /// <param name="endpoints">Whether endpoints are shown as well (<c>include_eds</c>).</param>
    /// <param name="name">Only resources of such a name (<c>name_regex</c>); null for all.</param>
    public static ConfigDump Of(SidecarState state, bool endpoints, Regex? name)
    {
        var inventory = state.Keeper.Current;
        var bootstrap = state.Bootstrap.Message.Clone();
        bootstrap.Node = state.Node;
        IMessage[] sections =
        [
            new BootstrapConfigDump { Bootstrap = (Bootstrap)Redaction.Of(bootstrap), LastUpdated = Timestamp.FromDateTimeOffset(state.Started) },
            Clusters(state, inventory, name),
            .. endpoints ? [Endpoints(inventory, name)] : Array.Empty<IMessage>(),
            Listeners(state, inventory, name),
            Routes(inventory, name),
            Secrets(inventory, name),
        ];
        return new() { Configs = { sections.Select(section => Any.Pack(section)) } };
    }

    /// <summary>The entries of one list of a section, such as <c>dynamic_listeners</c>; null when there is no such list.</summary>
    public static ConfigDump? Only(ConfigDump whole, string list)
    {
        foreach (var section in whole.Configs.Select(EnvoyTypes.Unpack).OfType<IMessage>())
        {
            if (section.Descriptor.FindFieldByName(list) is { IsRepeated: true } field)
            {
                return new() { Configs = { ((System.Collections.IList)field.Accessor.GetValue(section)).Cast<IMessage>().Select(entry => Any.Pack(entry)) } };
            }
        }

        return null;
    }

    private static ClustersConfigDump Clusters(SidecarState state, Inventory inventory, Regex? name)
    {
        ClustersConfigDump.Types.DynamicCluster Dynamic(Accepted held) => new()
        {
            VersionInfo = held.Resource.Version,
            Cluster = Pack(held),
            LastUpdated = Timestamp.FromDateTimeOffset(held.Updated),
            ErrorState = Failure(inventory, TypeUrls.Cluster, held.Resource.Name),
            ClientStatus = Status(inventory, TypeUrls.Cluster, held.Resource.Name),
        };
        return new()
        {
            VersionInfo = state.Keeper.Counts.ByType.GetValueOrDefault(TypeUrls.Cluster).Version ?? "",
            StaticClusters =
            {
                state.Bootstrap.Message.StaticResources.Clusters.Where(cluster => name?.IsMatch(cluster.Name) ?? true).Select(cluster => new ClustersConfigDump.Types.StaticCluster
                {
                    Cluster = Any.Pack(Redaction.Of(cluster)), LastUpdated = Timestamp.FromDateTimeOffset(state.Started),
                }),
            },
            DynamicActiveClusters = { Named(inventory.InForce(TypeUrls.Cluster).Values, name).Select(Dynamic) },
            DynamicWarmingClusters = { Named(inventory.Warming(TypeUrls.Cluster), name).Select(Dynamic) },
        };
    }

    private static ListenersConfigDump Listeners(SidecarState state, Inventory inventory, Regex? name)
    {
        static ListenersConfigDump.Types.DynamicListenerState? State(Accepted? held) => held is null ? null : new()
        {
            VersionInfo = held.Resource.Version,
            Listener = Pack(held),
            LastUpdated = Timestamp.FromDateTimeOffset(held.Updated),
        };
        var dump = new ListenersConfigDump { VersionInfo = state.Keeper.Counts.ByType.GetValueOrDefault(TypeUrls.Listener).Version ?? "" };
        var warming = inventory.Warming(TypeUrls.Listener).ToDictionary(held => held.Resource.Name, StringComparer.Ordinal);
        var refused = inventory.Refusals.Keys.Where(reference => reference.TypeUrl == TypeUrls.Listener).Select(reference => reference.Name);
        foreach (var listener in inventory.Of(TypeUrls.Listener).Keys.Union(inventory.InForce(TypeUrls.Listener).Keys).Union(refused).Order(StringComparer.Ordinal))
        {
            if (name?.IsMatch(listener) ?? true)
            {
                dump.DynamicListeners.Add(new ListenersConfigDump.Types.DynamicListener
                {
                    Name = listener,
                    ActiveState = State(inventory.InForce(TypeUrls.Listener).GetValueOrDefault(listener)),
                    WarmingState = State(warming.GetValueOrDefault(listener)),
                    ErrorState = Failure(inventory, TypeUrls.Listener, listener)
                        ?? (state.Keeper.Unbound.TryGetValue(listener, out var reason) ? new() { Details = reason } : null),
                    ClientStatus = Status(inventory, TypeUrls.Listener, listener),
                });
            }
        }

        return dump;
    }

    // Envoy shows hosts that came by themselves with the others of their route configuration.
    private static RoutesConfigDump Routes(Inventory inventory, Regex? name)
    {
        var updated = inventory.Of(TypeUrls.Route);
        var whole = SeparateHosts.Merge([.. updated.Values.Concat(inventory.Of(TypeUrls.VirtualHost).Values).Select(held => held.Resource)]);
        return new()
        {
            DynamicRouteConfigs =
            {
                whole.Where(routes => name?.IsMatch(routes.Name) ?? true).Select(routes => new RoutesConfigDump.Types.DynamicRouteConfig
                {
                    VersionInfo = updated[routes.Name].Resource.Version,
                    RouteConfig = Any.Pack((RouteConfiguration)Redaction.Of(routes.Message)),
                    LastUpdated = Timestamp.FromDateTimeOffset(updated[routes.Name].Updated),
                    ErrorState = Failure(inventory, TypeUrls.Route, routes.Name),
                    ClientStatus = Status(inventory, TypeUrls.Route, routes.Name),
                }),
            },
        };
    }

    private static EndpointsConfigDump Endpoints(Inventory inventory, Regex? name) => new()
    {
        DynamicEndpointConfigs =
        {
            Named(inventory.Of(TypeUrls.Endpoint).Values, name).Select(held => new EndpointsConfigDump.Types.DynamicEndpointConfig
            {
                VersionInfo = held.Resource.Version,
                EndpointConfig = Pack(held),
                LastUpdated = Timestamp.FromDateTimeOffset(held.Updated),
                ErrorState = Failure(inventory, TypeUrls.Endpoint, held.Resource.Name),
                ClientStatus = Status(inventory, TypeUrls.Endpoint, held.Resource.Name),
            }),
        },
    };

    private static SecretsConfigDump Secrets(Inventory inventory, Regex? name) => new()
    {
        DynamicActiveSecrets =
        {
            Named(inventory.Of(TypeUrls.Secret).Values, name).Select(held => new SecretsConfigDump.Types.DynamicSecret
            {
                Name = held.Resource.Name,
                VersionInfo = held.Resource.Version,
                Secret = Pack(held),
                LastUpdated = Timestamp.FromDateTimeOffset(held.Updated),
                ErrorState = Failure(inventory, TypeUrls.Secret, held.Resource.Name),
                ClientStatus = Status(inventory, TypeUrls.Secret, held.Resource.Name),
            }),
        },
    };

    private static IEnumerable<Accepted> Named(IEnumerable<Accepted> all, Regex? name) => all.Where(held => name?.IsMatch(held.Resource.Name) ?? true);

    private static Any Pack(Accepted held) => Any.Pack(Redaction.Of(held.Resource.Message));

    private static UpdateFailureState? Failure(Inventory inventory, string typeUrl, string name)
        => inventory.Refusals.GetValueOrDefault(new(typeUrl, name)) is { } refused
            ? new() { Details = refused.Reason, VersionInfo = refused.Version, LastUpdateAttempt = Timestamp.FromDateTimeOffset(refused.At) } : null;

    private static ClientResourceStatus Status(Inventory inventory, string typeUrl, string name)
        => inventory.Refusals.ContainsKey(new(typeUrl, name)) ? ClientResourceStatus.Nacked : ClientResourceStatus.Acked;
}
