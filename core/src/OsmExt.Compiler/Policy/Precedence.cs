using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Which of several objects that claim one thing gets it: the oldest, then the first by name, whatever order they were read in.</summary>
internal static class Precedence
{
    public static IEnumerable<T> OldestFirst<T>(this IEnumerable<T> objects)
        where T : Resource
        => objects.OrderBy(resource => resource.Metadata.Created ?? DateTimeOffset.MaxValue).ThenBy(resource => resource.Key);
}
