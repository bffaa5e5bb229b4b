using System.Globalization;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Defaults;

/// <summary>The addresses of services: 10.96.0.0/12, of which the first belongs to the API server.</summary>
internal static class ClusterAddresses
{
    private const int Second = (10 << 24) + (96 << 16) + 10;

    /// <summary>The lowest address no service has.</summary>
    public static string Free(StoreState state)
    {
        var taken = state.Of(new("", "services")).Values.Select(service => service.Object.Object("spec")?.Text("clusterIP")).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(Second, 1 << 19).Select(Text).First(address => !taken.Contains(address));
    }

    private static string Text(int address) => string.Create(CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");
}
