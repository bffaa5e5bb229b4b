using System.Collections.Immutable;

namespace OsmExt.Simulation;

/// <summary>One element of the configuration that a request took.</summary>
/// <param name="At">Whose configuration: the client's proxy, the server's, or the network between.</param>
/// <param name="Element">What kind of element, in Envoy's words.</param>
/// <param name="Name">Its name.</param>
/// <param name="Detail">What it did; may be empty.</param>
internal sealed record Step(string At, string Element, string Name, string Detail = "")
{
    /// <summary>The objects the resource that holds the element was made from.</summary>
    public ImmutableArray<string> Origins { get; init; } = [];

    public override string ToString() => $"{At}: {Element} {Name}{(Detail.Length == 0 ? "" : $" ({Detail})")}";
}
