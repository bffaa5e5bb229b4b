using System.Globalization;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Defaults;

/// <summary>The addresses of services: of 10.96.0.0/16, of which the first few are left for those who ask for one.</summary>
internal static class ClusterAddresses
{
    private const int First = (10 << 24) + (96 << 16) + 10;
    private const int Count = (1 << 16) - 20;

    /// <summary>An address that no service has. The search begins where the new service's uid says: two that are made at once see the same addresses taken.</summary>
    public static string Free(string uid, StoreState state)
    {
        var taken = state.Of(new("", "services")).Values.Select(service => service.Object.Object("spec")?.Text("clusterIP")).ToHashSet(StringComparer.Ordinal);
        var start = (int)(uint.TryParse(uid.Split('-')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number % Count : 0);
        return Enumerable.Range(0, Count).Select(step => Text(First + ((start + step) % Count))).First(address => !taken.Contains(address));
    }

    private static string Text(int address) => string.Create(CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");
}
