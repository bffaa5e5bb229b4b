using System.Collections.Immutable;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Who asks.</summary>
internal sealed record Caller(string Name, ImmutableArray<string> Groups)
{
    public const string Masters = "system:masters";
    public const string Authenticated = "system:authenticated";

    /// <summary>Nobody who said who they are.</summary>
    public static readonly Caller Anonymous = new("system:anonymous", ["system:unauthenticated"]);

    /// <summary>The server itself: what it does for others, like collecting garbage.</summary>
    public static readonly Caller Server = new("system:apiserver", [Masters, Authenticated]);

    public string Uid { get; init; } = "";

    /// <summary>What else is known, like the pod a token belongs to.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Extra { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    public bool IsMaster => Groups.Contains(Masters);

    public static Caller ServiceAccount(string @namespace, string name, string uid) => new(
        $"system:serviceaccount:{@namespace}:{name}", ["system:serviceaccounts", $"system:serviceaccounts:{@namespace}", Authenticated]) { Uid = uid };
}
