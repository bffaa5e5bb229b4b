using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Finds the Services that select a pod without asking each.</summary>
internal sealed class ServiceSelectors
{
    // By the first label that they ask for.
    private readonly ILookup<KeyValuePair<string, string>, Service> _services;

    public ServiceSelectors(IEnumerable<Service> services)
    {
        _services = services.Where(service => !service.Selector.IsEmpty).ToLookup(service => service.Selector.First());
        AnyHeadless = _services.Any(group => group.Any(service => service.ClusterAddresses.IsEmpty));
    }

    /// <summary>Whether any of them that selects pods has no address of its own.</summary>
    public bool AnyHeadless { get; }

    public IEnumerable<Service> Of(LabelSet labels) => labels.SelectMany(label => _services[label]).Where(service => service.Selector.Selects(labels));
}
