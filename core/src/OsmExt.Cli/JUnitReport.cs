using System.Xml.Linq;

namespace OsmExt.Cli;

/// <summary>Results of tests, the way JUnit writes them and build servers read them.</summary>
internal static class JUnitReport
{
    /// <param name="name">The suite's name.</param>
    /// <param name="results">Each test's place, its name, and what is wrong; null when nothing is.</param>
    public static XDocument Of(string name, IReadOnlyList<(string Where, string Name, string? Failure)> results) => new(new XElement("testsuite",
        new XAttribute("name", name), new XAttribute("tests", results.Count), new XAttribute("failures", results.Count(result => result.Failure is not null)),
        results.Select(result => new XElement("testcase", new XAttribute("name", result.Name), new XAttribute("classname", result.Where),
            result.Failure is null ? null : new XElement("failure", new XAttribute("message", result.Failure))))));
}
