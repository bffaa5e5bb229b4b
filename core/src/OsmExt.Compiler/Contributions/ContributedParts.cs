using Envoy.Config.Accesslog.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>Finds contributions in finished resources, so that what a proxy says of a resource can be laid at the right door.</summary>
internal sealed class ContributedParts
{
    private readonly PlacedContribution[] _all;
    private readonly ILookup<IMessage, PlacedContribution> _byForm;
    private readonly HashSet<MessageDescriptor> _types;
    private readonly IReadOnlyList<(PlacedContribution Item, ResourcePatch Patch)> _patches;

    public ContributedParts(IEnumerable<PlacedContribution> contributions)
    {
        PlacedContribution[] all = _all = [.. contributions];
        _byForm = all.Where(item => item.Slot.Point != ContributionPoint.Patch).SelectMany(item => FormsOf(item).Select(form => (form, item))).ToLookup(entry => entry.form, entry => entry.item);
        _patches = Patches.Of(all);
        _types = [.. _byForm.Select(group => group.Key.Descriptor)];
    }

    /// <summary>The contributions that a resource holds.</summary>
    public IReadOnlyCollection<PlacedContribution> In(XdsResource resource)
    {
        if (_all.Length == 0)
        {
            return [];
        }

        // A patch leaves no form of its own; whatever it means may be of its making.
        var whole = resource.Message;
        var found = _patches.Where(entry => entry.Patch.Means(whole) || (whole as RouteConfiguration)?.VirtualHosts.Any(entry.Patch.Means) == true)
            .Select(entry => entry.Item).ToHashSet();
        if (whole is Secret secret)
        {
            return _all.Where(item => item.References.Any(reference => reference.ResourceName == secret.Name)).ToHashSet();
        }

        if (_types.Count == 0)
        {
            return found;
        }

        new Walk(message =>
        {
            if (_types.Contains(message.Descriptor))
            {
                found.UnionWith(_byForm[Form(message)]);
            }
        }).Visit(whole);
        return found;
    }

    private static IEnumerable<IMessage> FormsOf(PlacedContribution item)
        => item.Slot.Point == ContributionPoint.Route ? ContributedRoutes.NamesOf(item).Select(name => new Route { Name = name }) : [FormOf(item)];

    private static IMessage FormOf(PlacedContribution item) => item.Message is AccessLog log ? Called(log, item.Name) : Form(item.Message);

    private static AccessLog Called(AccessLog log, string name)
    {
        log = log.Clone();
        log.Name = name;
        return log;
    }

    // What has a name of the plugin's own is known by it: the mesh completes such parts with origins, secrets, and what others contribute. A
    // host that is a resource is called after its route configuration.
    private static IMessage Form(IMessage message) => message switch
    {
        Cluster cluster => new Cluster { Name = cluster.Name },
        Listener listener => new Listener { Name = listener.Name },
        FilterChain chain => new FilterChain { Name = chain.Name },
        Route route => new Route { Name = route.Name },
        VirtualHost host => new VirtualHost { Name = host.Name[(host.Name.LastIndexOf('/') + 1)..] },
        AccessLog log when FilterOrder.Unnumbered(log.Name) is var name && name != log.Name => Called(log, name),
        _ => message,
    };

    private sealed class Walk
    {
        private readonly FieldPath _path = new();
        private readonly UnpackedMessages _unpacked = new();
        private readonly Action<IMessage> _seen;
        private readonly Action<IMessage> _visit;

        public Walk(Action<IMessage> seen) => (_seen, _visit) = (seen, Visit);

        public void Visit(IMessage message)
        {
            _seen(message);
            if (message is not Any any)
            {
                PackedFields.Visit(message, _path, _visit);
            }
            else if (_unpacked.Of(any) is { } content)
            {
                Visit(content);
            }
        }
    }
}
