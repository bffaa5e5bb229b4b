using System.Collections.Immutable;
using OsmExt.Compiler.Policy;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Endpoints;

/// <summary>Which pod has which address. Finished pods and pods on the node's network do not count: their address is not theirs.</summary>
internal sealed class AddressBook
{
    private readonly ImmutableDictionary<string, ImmutableSortedDictionary<ResourceKey, Entry>> _byAddress;

    private AddressBook(ImmutableDictionary<string, ImmutableSortedDictionary<ResourceKey, Entry>> byAddress) => _byAddress = byAddress;

    public static AddressBook Empty { get; } = new(ImmutableDictionary<string, ImmutableSortedDictionary<ResourceKey, Entry>>.Empty);

    public static AddressBook Of(IEnumerable<Pod> pods, ResourceSnapshot snapshot, string trustDomain)
    {
        var book = Empty._byAddress.ToBuilder();
        foreach (var pod in pods.Where(Counts))
        {
            Add(book, pod, snapshot, trustDomain);
        }

        return new(book.ToImmutable());
    }

    public AddressBook Replace(Pod? before, Pod? after, ResourceSnapshot snapshot, string trustDomain)
    {
        var book = _byAddress.ToBuilder();
        foreach (var address in before?.Addresses ?? default)
        {
            if (book.TryGetValue(address, out var pods))
            {
                book[address] = pods.Remove(before!.Key);
            }
        }

        if (after is not null && Counts(after))
        {
            Add(book, after, snapshot, trustDomain);
        }

        return new(book.ToImmutable());
    }

    /// <summary>The pod at an address; null when there is none, or several that differ in identity.</summary>
    public Entry? At(string address)
    {
        if (!_byAddress.TryGetValue(address, out var pods) || pods.IsEmpty)
        {
            return null;
        }

        var first = pods.Values.First();
        return pods.Values.All(entry => entry.Identity == first.Identity) ? first : null;
    }

    private static bool Counts(Pod pod) => !pod.HostNetwork && !pod.Finished;

    private static void Add(
        ImmutableDictionary<string, ImmutableSortedDictionary<ResourceKey, Entry>>.Builder book, Pod pod, ResourceSnapshot snapshot, string trustDomain)
    {
        var entry = new Entry(new(trustDomain, pod.Metadata.Namespace, pod.ServiceAccount), pod.Metadata.Name, Workloads.OwnerOf(pod, snapshot));
        foreach (var address in pod.Addresses)
        {
            book[address] = book.GetValueOrDefault(address, ImmutableSortedDictionary<ResourceKey, Entry>.Empty).SetItem(pod.Key, entry);
        }
    }

    internal sealed record Entry(WorkloadIdentity Identity, string Pod, WorkloadReference Workload);
}
