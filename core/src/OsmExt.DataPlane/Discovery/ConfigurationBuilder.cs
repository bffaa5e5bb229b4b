using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using OsmExt.Envoy;
using OsmExt.Simulation;
using OsmExt.Simulation.Dumps;

namespace OsmExt.DataPlane.Discovery;

/// <summary>
/// Makes what is in force into the one value that connections and requests are decided by. Messages that did not change are the same objects in
/// each, which is how others see that they did not.
/// </summary>
/// <param name="name">Whose proxy.</param>
internal sealed class ConfigurationBuilder(string name)
{
    private static readonly string[] Types = [TypeUrls.Cluster, TypeUrls.Listener];
    private Dictionary<string, Merged> _merged = new(StringComparer.Ordinal);
    private (XdsResource[] Secrets, PeerCertificate? Names) _own = ([], null);

    /// <summary>Whether a listener is open, where nothing else stands against it.</summary>
    public Func<Listener, bool> Serves { get; set; } = _ => true;

    public ProxyConfiguration Build(Inventory inventory)
    {
        var resources = new List<XdsResource>();
        foreach (var type in Types)
        {
            foreach (var holder in inventory.InForce(type).Values)
            {
                if (holder.Resource.Message is not Listener listener || Serves(listener))
                {
                    resources.Add(holder.Resource);
                }
            }
        }

        resources.AddRange(inventory.Of(TypeUrls.Endpoint).Values.Select(held => held.Resource));
        resources.AddRange(Routes(inventory));
        XdsResource[] secrets = [.. inventory.Of(TypeUrls.Secret).Values.Select(held => held.Resource)];
        resources.AddRange(secrets);
        if (!secrets.SequenceEqual(_own.Secrets, ReferenceEqualityComparer.Instance) || _own.Names is null)
        {
            _own = (secrets, OwnCertificate.Of(secrets, Types.SelectMany(type => inventory.InForce(type).Values)
                .SelectMany(holder => SecretReferences.Certificates(holder.Resource.Message)).ToHashSet(StringComparer.Ordinal)));
        }

        return new(name, resources, _own.Names);
    }

    private List<XdsResource> Routes(Inventory inventory)
    {
        var hosts = inventory.Of(TypeUrls.VirtualHost).Values.Select(held => held.Resource)
            .ToLookup(host => SeparateHosts.RoutesOf(host.Name), StringComparer.Ordinal);
        var (whole, merged) = (new List<XdsResource>(), new Dictionary<string, Merged>(StringComparer.Ordinal));
        foreach (var (routes, held) in inventory.Of(TypeUrls.Route))
        {
            if (held.Resource.Message is not RouteConfiguration { Vhds: not null })
            {
                whole.Add(held.Resource);
                continue;
            }

            XdsResource[] parts = [held.Resource, .. hosts[routes]];
            var made = _merged.TryGetValue(routes, out var before) && before.Parts.SequenceEqual(parts, ReferenceEqualityComparer.Instance)
                ? before : new(parts, SeparateHosts.Merge([.. parts])[0]);
            merged.Add(routes, made);
            whole.Add(made.Whole);
        }

        _merged = merged;
        return whole;
    }

    private sealed record Merged(XdsResource[] Parts, XdsResource Whole);
}
