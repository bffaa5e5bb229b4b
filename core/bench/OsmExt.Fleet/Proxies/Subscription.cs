namespace OsmExt.Fleet.Proxies;

/// <summary>What a proxy asks for and has of one type.</summary>
internal sealed class Subscription(string typeUrl)
{
    public string TypeUrl => typeUrl;

    /// <summary>What it has.</summary>
    public Dictionary<ResourceName, Payload> Held { get; } = [];

    /// <summary>The names it asked for; none while it asks for all.</summary>
    public HashSet<ResourceName> Names { get; private set; } = [];

    /// <summary>Whether it has asked on this stream.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Whether the server has answered, on this stream or an earlier one.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>The version of the last response it took, in the state of the world.</summary>
    public string Version { get; set; } = "";

    /// <summary>The nonce of the last response on this stream.</summary>
    public string Nonce { get; set; } = "";

    /// <summary>A new stream begins; what it has it keeps.</summary>
    public void Begin() => (IsAsked, Nonce) = (false, "");

    /// <summary>Forgets everything, as a new process does.</summary>
    public void Forget()
    {
        Begin();
        Held.Clear();
        Names = [];
        (IsAnswered, Version) = (false, "");
    }

    /// <summary>Asks for other names from now on, and drops what it has of those it does not want any more.</summary>
    public (IReadOnlyList<ResourceName> Added, IReadOnlyList<ResourceName> Removed) Want(HashSet<ResourceName> names)
    {
        if (Names.SetEquals(names))
        {
            return ([], []);
        }

        ResourceName[] added = [.. names.Where(name => !Names.Contains(name))], removed = [.. Names.Where(name => !names.Contains(name))];
        foreach (var name in removed)
        {
            Held.Remove(name);
        }

        Names = names;
        return (added, removed);
    }

    /// <summary>Takes a response.</summary>
    /// <param name="response">What came.</param>
    /// <param name="isEverything">Whether what is not in it is gone.</param>
    public void Take(Response response, bool isEverything)
    {
        if (isEverything)
        {
            Held.Clear();
        }

        foreach (var payload in response.Resources)
        {
            Held[payload.Name] = payload;
        }

        foreach (var name in response.Removed)
        {
            Held.Remove(name);
        }

        Version = response.Version;
    }
}
